import fc from 'fast-check'
import { expect, test } from 'vitest'
import { RowOrder } from '../../objects/durable/row-order'

interface Row {
  key: number
  rank: number
}

const compare = (a: Row, b: Row) => a.rank - b.rank || a.key - b.key

test('whatever is replaced, the rows from a place on are those of a sorted list', () => {
  const row = fc.record({ key: fc.nat(20), rank: fc.nat(10) })
  fc.assert(
    fc.property(fc.array(row), fc.array(row), fc.nat(11), fc.boolean(), (held, saved, least, isAskedBefore) => {
      const rows = new Map(held.map((one) => [one.key, one]))
      const order = new RowOrder(() => rows.values(), compare)
      const from = () => [...order.from(({ rank }) => rank < least)]
      if (isAskedBefore) from()
      for (const one of saved) {
        order.replace(rows.get(one.key), one)
        rows.set(one.key, one)
      }
      expect(from()).toEqual([...rows.values()].filter(({ rank }) => rank >= least).sort(compare))
    }),
  )
})
