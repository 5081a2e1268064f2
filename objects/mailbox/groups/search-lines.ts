import { firstIdAfter } from '../../../src/core/ids'
import { limits } from '../../../src/core/limits'
import { type MissedGroup, type SearchPlace, toSearchPlace } from '../../../src/core/search-place'
import { cutPage, type Page } from '../../durable/page'

/** The hits of several places, the mailbox and groups, as one list, newest first. Nothing here calls anybody. */

export interface Hit<Item> {
  id: string
  toItem: () => Item
}

/** What one place has of a search. */
export interface SearchLine<Item> {
  /** Null: the mailbox. */
  groupId: string | null
  /** What is wanted is before this id. */
  before: string
  /** Hits that are not known yet are before this id; '' if there are none. */
  rest: string
  /** Newest first; null until the place has answered. */
  hits: Hit<Item>[] | null
  /** Whether the place did not answer, now or for an earlier page, and the pages go on without it. */
  isMissed: boolean
  /** Whether it did not answer now. */
  hasFailed: boolean
}

const earlier = (a: string, b: string) => (a < b ? a : b)

export class SearchLines<Item> {
  readonly #place: SearchPlace
  readonly #limit: number
  readonly #lines: SearchLine<Item>[] = []

  constructor(place: SearchPlace, limit: number) {
    this.#place = place
    this.#limit = limit
  }

  add(line: SearchLine<Item>): SearchLine<Item> {
    this.#lines.push(line)
    return line
  }

  /** Notes that a group did not answer: the cursor names it, or, with too many of them, the page ends before its hits. */
  miss(line: SearchLine<Item>) {
    line.hasFailed = true
    line.isMissed ||= this.#lines.filter(({ isMissed }) => isMissed).length < limits.groupSearchesMissedMax
  }

  /** Whether what is known fills the page, whatever those places have that have not answered. */
  isEnough(): boolean {
    if (this.#lines.some(({ isMissed, hasFailed, hits }) => isMissed && !hasFailed && hits === null)) return false
    const from = this.#boundary()
    let count = 0
    for (const { hits } of this.#lines)
      for (const { id } of hits ?? []) if (id >= from && ++count >= this.#limit) return true
    return false
  }

  cut(): Page<Item, string> & { complete: boolean; upTo: string } {
    const from = this.#boundary()
    const hits = this.#lines.flatMap((line) => line.hits?.filter(({ id }) => id >= from) ?? [])
    const page = cutPage(
      hits.sort((a, b) => (a.id > b.id ? -1 : 1)),
      { limit: this.#limit, toItem: (hit) => hit.toItem(), placeOf: ({ id }) => id },
    )
    const upTo = page.next ?? from
    const before = earlier(this.#place.before, upTo)
    const missed = this.#missedAfter(upTo)
    const next = before === '' && missed.length === 0 ? null : toSearchPlace({ before, missed })
    return { items: page.items, next, complete: !this.#lines.some(({ hasFailed }) => hasFailed), upTo }
  }

  /** From here on, down to the beginning of the page, all hits are known, but for those of groups that are missed. */
  #boundary(): string {
    return this.#lines
      .filter(({ isMissed, hits }) => !isMissed || hits !== null)
      .reduce((greatest, { rest }) => (rest > greatest ? rest : greatest), '')
  }

  /** A group that was missed, and that has caught up with the others, is none any more. */
  #missedAfter(upTo: string): MissedGroup[] {
    return this.#lines.flatMap(({ groupId, isMissed, hits, before }) => {
      const place = hits === null ? before : earlier(before, upTo)
      const isBehind = isMissed && (hits === null || place > this.#place.before)
      return groupId !== null && isBehind ? { groupId, before: place } : []
    })
  }
}

/** Before which id the hits of a line are that a page, which reaches down to an id, does not have. */
export function restAfter<Item>({ hits, rest }: SearchLine<Item>, upTo: string): string {
  const next = hits?.find(({ id }) => id < upTo)
  return next ? firstIdAfter('message', next.id) : rest
}
