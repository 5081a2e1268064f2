// `npm run test:resume`: two devices of a user come back online after 10,000 changes, one over REST and one over the
// WebSocket, while messages are still being edited. Both must end up with exactly the server's state, and the worker's
// memory use must not depend on how much they catch up on. Set SEED to repeat a run's choices.
import { setTimeout as sleep } from 'node:timers/promises'
import { roomyFolder } from '../../../scripts/roomy-folder.mjs'
import { ClientState } from '../../support/client-state.ts'
import { random } from '../../support/random.ts'
import type { Runtime } from '../runtime/runtime.ts'
import { type Finding, isPassed, runSuite, seed } from '../runtime/suite.ts'
import { type Amount, changeTheRest, writeMessages } from './absence.ts'
import { lookAtAll, stateFindings } from './checks.ts'
import type { Client } from './client.ts'
import { type ComeBack, comeBack, editsWhileHeld, hold, log, type Run } from './come-back.ts'
import { Edits, editsPerSecond } from './edits.ts'
import { limits } from './limits.ts'
import { Memory } from './memory.ts'
import { resumeOverRest } from './over-rest.ts'
import type { LiveSocket } from './over-socket.ts'
import { type People, signPeopleIn } from './people.ts'
import { type LongComeBack, memoryFindings, passageFindings } from './run-checks.ts'

const before = { messages: 200, notes: 20 }
const shortAbsence = { messages: 300, notes: 720 }
const longAbsence = { messages: 3_000, notes: 7_200 }
const bytesNeeded = 2 ** 31
const deadlineMs = 420_000
const restWithinMs = 60_000
const restLookMs = 500

const draw = random(seed)

/** Two devices that go offline at the same cursor. */
async function firstCopies(ana: Client) {
  const [overRest, overSocket] = [new ClientState(ana.id), new ClientState(ana.id)]
  await overRest.sync(async (cursor) => {
    const { changes } = await ana.changes(cursor)
    overSocket.apply(changes)
    return changes
  })
  return { overRest, overSocket }
}

async function absence(run: Run, amount: Amount) {
  await writeMessages(run.people, amount)
  log(
    `Away for ${amount.messages} messages and ${amount.notes} notes, texts of up to ${limits.textCharactersMax} characters`,
  )
}

const authors = ({ chatting, noting }: People) => [...chatting, ...noting]

async function shortRun(run: Run): Promise<ComeBack> {
  await absence(run, shortAbsence)
  const edits = new Edits(authors(run.people))
  edits.start()
  const back = await comeBack(run, edits)
  back.socket.close()
  await edits.stop()
  return back
}

async function longRun(run: Run): Promise<LongComeBack> {
  await Promise.all([absence(run, longAbsence), changeTheRest(run.people, draw)])
  const edits = new Edits(authors(run.people))
  edits.start()
  const held = await hold(run, edits)
  const back = await comeBack(run, edits)
  // From here on, the device is live.
  await edits.more(editsWhileHeld)
  const rate = await edits.stop()
  log(`${edits.count} edits at ${rate.toFixed(0)} a second, where ${editsPerSecond} were asked for`)
  return { ...back, held }
}

/** Checks until everything passes or the time is up. */
async function settle(run: Run, socket: LiveSocket): Promise<Finding[]> {
  for (const end = performance.now() + restWithinMs; ; await sleep(restLookMs)) {
    await resumeOverRest(run.people.ana, run.overRest, async () => {})
    await socket.untilCaughtUp()
    const found = stateFindings(await lookAtAll(run.people), run)
    if (performance.now() > end || found.every(isPassed)) return found
  }
}

async function resumeTest(runtime: Runtime): Promise<Finding[]> {
  await runtime.start()
  const people = await signPeopleIn(runtime, seed)
  for (const author of authors(people)) await author.send()
  await writeMessages(people, before)
  const run = { people, memory: await Memory.watch(runtime), ...(await firstCopies(people.ana)) }
  log('Two devices hold a full copy')
  const short = await shortRun(run)
  const long = await longRun(run)
  const states = await settle(run, long.socket)
  log(`At rest; sends were held back ${people.ana.held + people.ben.held} times`)
  return [...states, ...passageFindings(short, long), ...memoryFindings(short, long)]
}

await runSuite({
  parent: roomyFolder(bytesNeeded),
  deadlineMs,
  options: { inspect: true, v8Flags: [`--max-heap-size=${limits.heapBytes / 2 ** 20}`] },
  work: resumeTest,
})
