import type { Duplex } from 'node:stream'
import { ClientState } from '../../support/client-state.ts'
import { secondsSinceStart } from '../runtime/suite.ts'
import type { Devices } from './checks.ts'
import type { Edits } from './edits.ts'
import type { Memory, Peaks } from './memory.ts'
import { resumeOverRest } from './over-rest.ts'
import { LiveSocket } from './over-socket.ts'
import type { PageStats } from './page-stats.ts'
import { openStalledSocket } from './stalled-socket.ts'

/** Edits made while a client stores one page. */
const editsPerPage = 2
export const editsWhileHeld = 200
const stalledSockets = 12

export interface Run extends Devices {
  memory: Memory
}

/** What a returning device received, and the memory that it took. */
interface Resumed extends Peaks {
  stats: PageStats
  /** Edits made in the meantime. */
  edited: number
  pages: number
}

export interface ComeBack {
  rest: Resumed
  overSocket: Resumed
  socket: LiveSocket
}

/** What clients that do not keep up cost. */
export interface Held extends Peaks {
  /** Frames sent to the client that reads but confirms nothing. */
  ahead: number
  /** Growth of the process, in megabytes. */
  grown: number
}

export const megabytes = (count: number) => `${count.toFixed(1)} MB`

export const log = (text: string) => console.log(`${secondsSinceStart().padStart(6)} s  ${text}`)

/** Brings one device after the other back online while edits continue. */
export async function comeBack(run: Run, edits: Edits): Promise<ComeBack> {
  const store = () => edits.more(editsPerPage)
  const rest = await watched(run, edits, () => resumeOverRest(run.people.ana, run.overRest, store))
  const socket = new LiveSocket(run.people.ana, run.overSocket, store)
  const overSocket = await watched(run, edits, async () => {
    await socket.open()
    await socket.untilCaughtUp()
    return socket.stats
  })
  return { rest, overSocket, socket }
}

/** Measures memory and counts edits while a device comes back. */
async function watched({ memory }: Run, edits: Edits, resume: () => Promise<PageStats>): Promise<Resumed> {
  const editsBefore = edits.count
  const { result: stats, ...peaks } = await memory.during(resume)
  const edited = edits.count - editsBefore
  log(
    `${stats.rows} rows in ${stats.pages} pages, ${megabytes(stats.bytes / 2 ** 20)}, the largest ${stats.bytesMax} bytes; ${edited} edits meanwhile; ` +
      `heap ${megabytes(peaks.live)} in use, ${megabytes(peaks.heap)} with garbage, process ${megabytes(peaks.rss)}, ${peaks.samples} samples`,
  )
  // The statistics of a socket keep growing once it is live.
  return { stats, edited, pages: stats.pages, ...peaks }
}

/** Connects clients that do not keep up: one reads but confirms nothing, the others do not even read. */
export async function hold({ memory, people, overSocket }: Run, edits: Edits): Promise<Held> {
  const rssBefore = memory.rss()
  const { promise: isReleased, resolve: release } = Promise.withResolvers<void>()
  const slow = new LiveSocket(people.ana, new ClientState(people.ana.id, overSocket.cursor), () => isReleased)
  const sockets: Duplex[] = []
  const { result: ahead, ...peaks } = await memory.during(async () => {
    await slow.open()
    for (let n = 0; n < stalledSockets; n++) sockets.push(await openStalledSocket(people.ana, overSocket.cursor))
    await edits.more(editsWhileHeld)
    return slow.stats.pages
  })
  for (const socket of sockets) socket.destroy()
  slow.close()
  release()
  const grown = peaks.rss - rssBefore
  log(
    `${stalledSockets + 1} clients do not keep up with ${editsWhileHeld} edits: heap ${megabytes(peaks.live)} in use, ${megabytes(peaks.heap)} with garbage, process ${megabytes(grown)} more, ${ahead} frames ahead`,
  )
  return { ahead, grown, ...peaks }
}
