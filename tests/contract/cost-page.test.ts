import { expect, test } from 'vitest'
import { billOf, totalOf } from '../../bench/cost-model'
import { costPage } from '../../bench/cost-page'
import figures from '../../docs/figures.json'

const pages = import.meta.glob(['../../docs/cost.md'], { query: '?raw', import: 'default', eager: true })

test('docs/cost.md is what `npm run cost` computes from docs/figures.json', () => {
  expect(costPage(figures)).toBe(pages['../../docs/cost.md'])
})

test('the bill for a million messages follows from the list prices', () => {
  const counts = { requests: 2, frames: 20, calls: 3, alarms: 1, written: 9, read: 100, d1: 0, bytes: 0 }
  expect(billOf(counts, 5)).toEqual({
    rowsWritten: 9,
    rowsRead: expect.closeTo(0.1),
    workerRequests: expect.closeTo(0.6),
    workerCpu: expect.closeTo(0.1),
    objectRequests: expect.closeTo(0.75),
    objectTime: expect.closeTo(0.64),
  })
  expect(totalOf(billOf(counts, 5))).toBeCloseTo(11.19)
})
