import fc from 'fast-check'
import { expect, test } from 'vitest'
import { toTimestamp } from '../../src/core/timestamp'

const dayMs = 86_400_000
/** The years that RFC 3339 can write. */
const [first, last] = [Date.UTC(0, 0, 1) - 1900 * 366 * dayMs, Date.UTC(9999, 11, 31, 23, 59, 59, 999)]

test('every time is written as `toISOString` writes it', () => {
  const time = fc.oneof(
    fc.integer({ min: first, max: last }),
    fc
      .integer({ min: -20_000, max: 40_000 })
      .chain((day) => fc.constantFrom(0, 1, dayMs - 1).map((ms) => day * dayMs + ms)),
    fc.double({ min: 0, max: last, noNaN: true }),
  )
  fc.assert(
    fc.property(time, (ms) => {
      expect(toTimestamp(ms)).toBe(new Date(ms).toISOString())
    }),
  )
})
