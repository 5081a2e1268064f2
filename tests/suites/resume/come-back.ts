import type { Duplex } from 'node:stream'
import { ClientState } from '../../support/client-state.ts'
import { secondsSinceStart } from '../runtime/suite.ts'
import type { Devices } from './checks.ts'
import { openDeafSocket } from './deaf.ts'
import type { Edits } from './edits.ts'
import type { Memory, Peaks } from './memory.ts'
import { resumeOverRest } from './over-rest.ts'
import { LiveSocket } from './over-socket.ts'
import type { Trail } from './trail.ts'

/** Changes that are made while a client stores one page. */
const editsPerPage = 2
export const editsWhileHeld = 200
const deafSockets = 12

export interface Run extends Devices {
  memory: Memory
}

/** What came to a device that came back, and what it took. */
interface Resumed extends Peaks {
  trail: Trail
  /** Edits that were made meanwhile. */
  edited: number
  pages: number
}

export interface ComeBack {
  rest: Resumed
  overSocket: Resumed
  socket: LiveSocket
}

/** What clients that did not keep up cost. */
export interface Held extends Peaks {
  /** Frames that came to the one that reads and confirms nothing. */
  ahead: number
  /** Megabytes that the process has grown by. */
  grown: number
}

export const megabytes = (count: number) => `${count.toFixed(1)} MB`

export const log = (text: string) => console.log(`${secondsSinceStart().padStart(6)} s  ${text}`)

/** One device after the other comes back, while edits go on. Answers with what came and what it took. */
export async function comeBack(run: Run, edits: Edits): Promise<ComeBack> {
  const store = () => edits.more(editsPerPage)
  const rest = await watched(run, edits, () => resumeOverRest(run.people.ana, run.overRest, store))
  const socket = new LiveSocket(run.people.ana, run.overSocket, store)
  const overSocket = await watched(run, edits, async () => {
    await socket.open()
    await socket.untilCaughtUp()
    return socket.trail
  })
  return { rest, overSocket, socket }
}

/** Memory and edits while somebody comes back. */
async function watched({ memory }: Run, edits: Edits, resume: () => Promise<Trail>): Promise<Resumed> {
  const editsBefore = edits.count
  const { result: trail, ...peaks } = await memory.during(resume)
  const edited = edits.count - editsBefore
  log(
    `${trail.rows} rows in ${trail.pages} pages, ${megabytes(trail.bytes / 2 ** 20)}, the largest ${trail.bytesMax} bytes; ${edited} edits meanwhile; ` +
      `heap ${megabytes(peaks.live)} in use, ${megabytes(peaks.heap)} with garbage, process ${megabytes(peaks.rss)}, ${peaks.looks} looks`,
  )
  // A socket's trail goes on once it is live.
  return { trail, edited, pages: trail.pages, ...peaks }
}

/** Clients that do not keep up: one reads but does not say so, others do not even read. */
export async function hold({ memory, people, overSocket }: Run, edits: Edits): Promise<Held> {
  const rssBefore = memory.rss()
  const { promise: isReleased, resolve: release } = Promise.withResolvers<void>()
  const slow = new LiveSocket(people.ana, new ClientState(people.ana.id, overSocket.cursor), () => isReleased)
  const sockets: Duplex[] = []
  const { result: ahead, ...peaks } = await memory.during(async () => {
    await slow.open()
    for (let n = 0; n < deafSockets; n++) sockets.push(await openDeafSocket(people.ana, overSocket.cursor))
    await edits.more(editsWhileHeld)
    return slow.trail.pages
  })
  for (const socket of sockets) socket.destroy()
  slow.close()
  release()
  const grown = peaks.rss - rssBefore
  log(
    `${deafSockets + 1} clients do not keep up with ${editsWhileHeld} edits: heap ${megabytes(peaks.live)} in use, ${megabytes(peaks.heap)} with garbage, process ${megabytes(grown)} more, ${ahead} frames ahead`,
  )
  return { ahead, grown, ...peaks }
}
