import fc from 'fast-check'
import type { Fault } from '../support/delivery-faults'

/** What a run will do, as numbers alone: whom and what they mean is resolved when the time comes. */

const frequencies = {
  send: 16,
  reply: 7,
  retry: 4,
  edit: 7,
  deleteForMe: 3,
  deleteForEveryone: 3,
  clear: 2,
  read: 7,
  react: 7,
  unreact: 3,
  block: 3,
  unblock: 3,
  settings: 3,
  accept: 2,
  profile: 2,
  saveContact: 2,
  removeContact: 1,
  signInElsewhere: 2,
  moveElsewhere: 2,
  endElsewhere: 1,
  endOthers: 1,
  sync: 10,
  restart: 2,
  connect: 10,
  disconnect: 3,
  restartLive: 1,
} as const

export type CommandKind = keyof typeof frequencies
export const commandKinds = Object.keys(frequencies) as CommandKind[]

export interface Command {
  kind: CommandKind
  who: number
  whom: number
  which: number
  how: number
}

/** What happens to mailboxes while calls are in flight. */
export const eventKinds = [
  'abortedAll',
  'aborted',
  'evicted',
  'alarmEarly',
  'alarmLate',
  'lateReleased',
  'clockAhead',
] as const
export type EventKind = (typeof eventKinds)[number]

export interface Event {
  kind: EventKind
  who: number
}

/** What one user does in one chat while nothing reaches the peer, or no call to the peer returns. */
export interface Burst {
  who: number
  whom: number
  fault: 'dropped' | 'hangs'
  steps: Pick<Command, 'kind' | 'which' | 'how'>[]
}

export interface Plan {
  commands: (Command | null)[]
  /** How many commands are in flight at once. */
  batches: number[]
  /** At most one per batch. */
  events: (Event | null)[]
  /** At most one after each batch. */
  bursts: (Burst | null)[]
  /** For each call between mailboxes, in turn; afterwards nothing happens. */
  deliveryFaults: Fault[]
  /** The same for calls from the worker to a mailbox. */
  callFaults: Fault[]
}

export const commandsPerRun = 60
export const stepsPerBurst = 8
const number = fc.nat({ max: 9_999 })
const exactly = (length: number) => ({ minLength: length, maxLength: length })
const rarely = 1_000_000

const command = fc.record<Command>({
  kind: fc.oneof(...commandKinds.map((kind) => ({ weight: frequencies[kind], arbitrary: fc.constant(kind) }))),
  who: number,
  whom: number,
  which: number,
  how: number,
})

const burst = fc.record<Burst>({
  who: number,
  whom: number,
  fault: fc.constantFrom('dropped', 'dropped', 'hangs'),
  steps: fc.array(
    fc.record({
      kind: fc.constantFrom<CommandKind>('edit', 'edit', 'react', 'react', 'react', 'unreact', 'send', 'read'),
      which: number,
      how: number,
    }),
    exactly(stepsPerBurst),
  ),
})

const faults = (none: number, ...kinds: Fault[]) =>
  fc.oneof(
    { weight: none, arbitrary: fc.constant<Fault>('none') },
    { weight: 6, arbitrary: fc.constantFrom<Fault>('dropped', 'replyLost', 'doubled', 'late', ...kinds) },
  )

/** Always the same length, so that each run is full; a command or an event shrinks to nothing. */
export const plans: fc.Arbitrary<Plan> = fc.record({
  commands: fc.array(fc.option(command, { freq: rarely }), exactly(commandsPerRun)),
  batches: fc.array(fc.integer({ min: 1, max: 4 }), exactly(commandsPerRun)),
  events: fc.array(
    fc.option(fc.record<Event>({ kind: fc.constantFrom(...eventKinds), who: number }), { freq: 2 }),
    exactly(commandsPerRun),
  ),
  bursts: fc.array(
    fc.oneof({ weight: 9, arbitrary: fc.constant(null) }, { weight: 1, arbitrary: burst }),
    exactly(commandsPerRun),
  ),
  deliveryFaults: fc.array(faults(7, 'hangs'), exactly(150)),
  callFaults: fc.array(faults(40), exactly(100)),
})

/** The commands grouped as they go out together. */
export function batchesOf({ commands, batches }: Plan): Command[][] {
  const rest = [...commands]
  return batches.map((size) => rest.splice(0, size).flatMap((one) => one ?? [])).filter((batch) => batch.length > 0)
}
