import fc from 'fast-check'
import { expect, test } from 'vitest'
import { SearchLines } from '../../objects/mailbox/groups/search-lines'
import { firstIdAfter, firstIdAt } from '../../src/core/ids'
import { parseSearchPlace, searchPlacePattern } from '../../src/core/search-place'

const idOf = (n: number) => firstIdAt('message', 1_000_000 + n)
const groupIdOf = (n: number) => firstIdAt('group', n)

/** What a group answers: a part of its hits, and the id before which the others are. */
function answer(hits: readonly string[], before: string, count: number) {
  const found = hits
    .filter((id) => id < before)
    .sort()
    .reverse()
  const taken = found.slice(0, count)
  return { taken, rest: found.length > count ? (taken.at(-1) ?? before) : '' }
}

/** One page, for which some groups are not asked and some do not answer. */
function pageOf(groups: string[][], cursor: string | null, { limit, fate }: { limit: number; fate: () => number }) {
  const place = parseSearchPlace(cursor)
  const missed = new Map(place.missed.map((one) => [one.groupId, one.before]))
  const lines = new SearchLines<string>(place, limit)
  const [own = [], ...others] = groups
  const first = answer(own, place.before, 1 + (fate() % 4))
  const toHits = (ids: string[]) => ids.map((id) => ({ id, toItem: () => id }))
  const common = { isMissed: false, hasFailed: false }
  lines.add({ ...common, groupId: null, before: place.before, rest: first.rest, hits: toHits(first.taken) })
  const asked = others.flatMap((hits, n) => {
    const groupId = groupIdOf(n)
    const before = missed.get(groupId) ?? place.before
    const newest = hits.length === 0 ? '' : firstIdAfter('message', hits.toSorted().at(-1) ?? '')
    const rest = newest < before ? newest : before
    // Nobody asks a group that has nothing for the page.
    if (rest === '') return []
    return {
      hits,
      line: lines.add({ groupId, before, rest, hits: null, isMissed: missed.has(groupId), hasFailed: false }),
    }
  })
  for (const { hits, line } of asked) {
    const lot = fate() % 4
    if (lot === 0) lines.miss(line)
    if (lot <= 1 || (lot === 2 && line.isMissed)) continue
    const { taken, rest } = answer(hits, line.before, 1 + (fate() % 3))
    line.hits = toHits(taken)
    line.rest = rest
  }
  return lines.cut()
}

test('pages return every hit exactly once, whoever does not answer, and each page in order', () => {
  const group = fc.uniqueArray(fc.nat(400), { maxLength: 12 })
  fc.assert(
    fc.property(
      fc.array(group, { minLength: 1, maxLength: 14 }),
      fc.integer({ min: 1, max: 6 }),
      fc.infiniteStream(fc.nat(1_000)),
      (times, limit, fates) => {
        const groups = times.map((ones, n) => ones.map((one) => idOf(one * 20 + n)))
        const found: string[] = []
        let cursor: string | null = null
        let pages = 0
        do {
          // At last everybody answers, so that it comes to an end.
          const fate = () => (pages < 30 ? (fates.next().value ?? 0) : 3)
          const page = pageOf(groups, cursor, { limit, fate })
          expect(page.items).toEqual(page.items.toSorted().reverse())
          expect(page.items.length).toBeLessThanOrEqual(limit)
          found.push(...page.items)
          if (page.next !== null) expect(page.next).toMatch(new RegExp(searchPlacePattern))
          // An id, and eight groups with one each.
          expect((page.next ?? '').length).toBeLessThan(30 + 8 * 54 + 1)
          cursor = page.next
        } while (cursor !== null && ++pages < 400)
        expect(cursor).toBeNull()
        expect(found.toSorted()).toEqual(groups.flat().sort())
      },
    ),
    { numRuns: 300 },
  )
})
