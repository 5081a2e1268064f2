import { expect, test } from 'vitest'
import { BoundedMap } from '../../src/core/bounded-map'

test('a bounded map holds the latest entries, and replaces one without losing another', () => {
  const map = new BoundedMap<string, number>(2)
  for (const [key, value] of [
    ['a', 1],
    ['b', 2],
    ['b', 3],
  ] as const)
    map.set(key, value)
  expect([map.get('a'), map.get('b')]).toEqual([1, 3])
  map.set('c', 4)
  expect([map.get('a'), map.get('b'), map.get('c')]).toEqual([undefined, 3, 4])
})
