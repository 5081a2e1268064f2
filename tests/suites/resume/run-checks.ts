// Checks on how the devices came back: pages, frames and memory.
import type { Finding } from '../runtime/suite.ts'
import { findings, unless } from './checks.ts'
import { type ComeBack, type Held, megabytes } from './come-back.ts'
import { limits } from './limits.ts'

/** How much more memory a resume may use than one a tenth its size: a few pages in flight, and heap noise. */
const heapMarginMegabytes = 12
/** What clients that read nothing may cost the process: a few pages each, far less than everything that waits. */
const rssMarginMegabytes = 80
const heapMegabytesMax = limits.heapBytes / 2 ** 20 / 2

/**
 * A page holds about a megabyte of rows. It always ends between two sequence numbers of the mailbox. A chat and the
 * message that changed it share a number, so one of them can exceed the limit; each carries up to two texts of maximum
 * length, its own and a quoted one. In JSON, a character takes at most six bytes.
 */
const pageBytesMax = 2 ** 20 + 2 * 6 * limits.textCharactersMax + 8 * 2 ** 10
/** For the same reason, one row more than requested. */
const pageRowsMax = limits.pageRowsMax + 1

/** The return after the long absence, and what the clients that did not keep up cost before it. */
export type LongComeBack = ComeBack & { held: Held }

export function passageFindings(short: ComeBack, long: LongComeBack): Finding[] {
  const allStats = [short.rest, short.overSocket, long.rest, long.overSocket].map(({ stats }) => stats)
  const sockets = [short.socket, long.socket]
  const resumes = [long.rest, long.overSocket]
  return findings({
    'at least 10,000 changes arrive while messages are being edited': resumes.flatMap(({ stats, edited, pages }) =>
      unless(stats.rows >= 10_000 && edited >= pages, `${stats.rows} rows, ${edited} edits in ${pages} pages`),
    ),
    'every page makes progress from the cursor of the device': allStats.flatMap(({ stuck }) => stuck),
    'no message arrives twice without a change': allStats.flatMap(({ repeated }) => repeated),
    [`no page or frame exceeds ${pageRowsMax} rows or ${pageBytesMax} bytes`]: allStats.flatMap((stats) =>
      unless(
        stats.bytesMax <= pageBytesMax && stats.rowsMax <= pageRowsMax,
        `${stats.bytesMax} bytes, ${stats.rowsMax} rows`,
      ),
    ),
    [`at most ${limits.framesAhead} frames are ahead of the client`]: [
      ...sockets.flatMap(({ aheadMax }) => unless(aheadMax <= limits.framesAhead, `${aheadMax} frames`)),
      ...unless(long.held.ahead === limits.framesAhead, `${long.held.ahead} frames while it confirmed nothing`),
    ],
    'the socket sends `caughtUp` once and stays open': [
      ...sockets.flatMap(({ caughtUp }) => unless(caughtUp.length === 1, `${caughtUp.length} times`)),
      ...unless(long.socket.closedWith === null, `closed with ${long.socket.closedWith}`),
    ],
  })
}

export function memoryFindings(short: ComeBack, long: LongComeBack): Finding[] {
  const ratio = long.rest.stats.bytes / short.rest.stats.bytes
  const heaps = [short.rest, short.overSocket, long.rest, long.overSocket, long.held]
  const more = (kind: 'rest' | 'overSocket') => long[kind].live - short[kind].live
  return findings({
    [`the worker’s heap stays under ${heapMegabytesMax} MB, including garbage; the platform allows 128`]: heaps.flatMap(
      ({ heap, samples }) => unless(heap < heapMegabytesMax && samples > 0, `${megabytes(heap)}, ${samples} samples`),
    ),
    [`ten times the changes need no more heap (within ${heapMarginMegabytes} MB)`]: [
      ...unless(ratio > 5, `the long absence was only ${ratio.toFixed(1)} times the short one`),
      ...unless(long.rest.stats.bytes > 2 * heapMarginMegabytes * 2 ** 20, `only ${long.rest.stats.bytes} bytes came`),
      ...(['rest', 'overSocket'] as const).flatMap((kind) =>
        unless(more(kind) < heapMarginMegabytes, `${kind}: ${megabytes(more(kind))}`),
      ),
    ],
    [`clients that do not keep up cost neither heap (within ${heapMarginMegabytes} MB) nor process (${rssMarginMegabytes} MB)`]:
      [
        ...unless(long.held.live - short.rest.live < heapMarginMegabytes, megabytes(long.held.live - short.rest.live)),
        ...unless(long.held.grown < rssMarginMegabytes, megabytes(long.held.grown)),
      ],
  })
}
