import fc from 'fast-check'
import { expect, test } from 'vitest'
import { ByteCount } from '../../objects/durable/byte-count'

test('texts are over a limit exactly when their bytes are', () => {
  const text = fc.oneof(fc.string(), fc.string({ unit: 'grapheme' }), fc.constant('語'.repeat(20)))
  fc.assert(
    fc.property(fc.array(text), fc.nat(300), (texts, limit) => {
      const size = new ByteCount()
      let bytes = 0
      for (const one of texts) {
        size.add(one)
        bytes += Buffer.byteLength(one) + 1
        expect(size.isOver(limit)).toBe(bytes > limit)
      }
    }),
  )
})
