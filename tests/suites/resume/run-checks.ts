// What must hold of how the devices came back: pages, frames and memory.
import type { Finding } from '../runtime/suite.ts'
import { findings, unless } from './checks.ts'
import { type ComeBack, type Held, megabytes } from './come-back.ts'
import { limits } from './limits.ts'

/** What a resume may hold in memory above a resume of a tenth: some pages in hand, and the noise of the heap. */
const heapMarginMegabytes = 12
/** What clients that read nothing may cost the process: some pages each, where all that waits would be far more. */
const rssMarginMegabytes = 80
const heapMegabytesMax = limits.heapBytes / 2 ** 20 / 2

/**
 * A page holds about a megabyte of rows. It ends between two numbers of the mailbox: a chat and the message that
 * changed it share one, so that either may come on top, each with two texts of the greatest length, its own and the one
 * it quotes. In JSON a character has at most six bytes.
 */
const pageBytesMax = 2 ** 20 + 2 * 6 * limits.textCharactersMax + 8 * 2 ** 10
/** And so one row more than asked. */
const pageRowsMax = limits.pageRowsMax + 1

/** The long absence, with what clients that did not keep up cost before. */
export type LongComeBack = ComeBack & { held: Held }

export function passageFindings(short: ComeBack, long: LongComeBack): Finding[] {
  const trails = [short.rest, short.overSocket, long.rest, long.overSocket].map(({ trail }) => trail)
  const sockets = [short.socket, long.socket]
  const resumes = [long.rest, long.overSocket]
  return findings({
    '10,000 changes and more came back, with edits under way all the time': resumes.flatMap(
      ({ trail, edited, pages }) =>
        unless(trail.rows >= 10_000 && edited >= pages, `${trail.rows} rows, ${edited} edits in ${pages} pages`),
    ),
    'every page leads on, from where the device was': trails.flatMap(({ stuck }) => stuck),
    'nothing came twice without a change': trails.flatMap(({ repeated }) => repeated),
    [`no page and no frame has more than ${pageRowsMax} rows or ${pageBytesMax} bytes`]: trails.flatMap((trail) =>
      unless(
        trail.bytesMax <= pageBytesMax && trail.rowsMax <= pageRowsMax,
        `${trail.bytesMax} bytes, ${trail.rowsMax} rows`,
      ),
    ),
    [`never more than ${limits.framesAhead} frames ahead of the client`]: [
      ...sockets.flatMap(({ aheadMax }) => unless(aheadMax <= limits.framesAhead, `${aheadMax} frames`)),
      ...unless(long.held.ahead === limits.framesAhead, `${long.held.ahead} frames while it said nothing`),
    ],
    'the socket says once that all was caught up on, and stays open': [
      ...sockets.flatMap(({ caughtUp }) => unless(caughtUp.length === 1, `${caughtUp.length} times`)),
      ...unless(long.socket.closedWith === null, `closed with ${long.socket.closedWith}`),
    ],
  })
}

export function memoryFindings(short: ComeBack, long: LongComeBack): Finding[] {
  const ratio = long.rest.trail.bytes / short.rest.trail.bytes
  const heaps = [short.rest, short.overSocket, long.rest, long.overSocket, long.held]
  const more = (kind: 'rest' | 'overSocket') => long[kind].live - short[kind].live
  return findings({
    [`the worker’s heap stays under ${heapMegabytesMax} MB, garbage included; the platform gives 128`]: heaps.flatMap(
      ({ heap, looks }) => unless(heap < heapMegabytesMax && looks > 0, `${megabytes(heap)}, ${looks} looks`),
    ),
    [`ten times the changes take no more heap (within ${heapMarginMegabytes} MB)`]: [
      ...unless(ratio > 5, `the long absence was only ${ratio.toFixed(1)} times the short one`),
      ...unless(long.rest.trail.bytes > 2 * heapMarginMegabytes * 2 ** 20, `only ${long.rest.trail.bytes} bytes came`),
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
