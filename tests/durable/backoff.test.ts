import { expect, test } from 'vitest'
import { probeTime, retryTime } from '../../objects/durable/backoff'
import { limits } from '../../src/core/limits'

const backoff = { baseMs: 1_000, maxMs: 7 * 60_000 }
const delays = (nextTry: typeof retryTime, failures: number) =>
  Array.from({ length: 100 }, () => nextTry(failures, backoff, 0))

test.for([
  [1, 1_000],
  [2, 2_000],
  [8, 128_000],
  [10, backoff.maxMs],
  [5_000, backoff.maxMs],
])('after %i failures, work is tried again in %i ms, less a quarter at most', ([failures, delay]) => {
  const all = delays(retryTime, failures as number)
  for (const one of all) {
    expect(one).toBeGreaterThanOrEqual((delay as number) * 0.75)
    expect(one).toBeLessThanOrEqual(delay as number)
  }
  expect(new Set(all).size).toBeGreaterThan(10)
})

test.for([1, 8, 20, limits.probesMax])('after %i failures, the next probe is less than a minute away', (failures) => {
  for (const one of delays(probeTime, failures)) expect(one).toBeLessThan(60_000)
})

test('after hours of failures, probes are as rare as other retries', () => {
  for (const one of delays(probeTime, limits.probesMax + 1)) expect(one).toBeGreaterThanOrEqual(backoff.maxMs * 0.75)
})
