import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { addTerms } from '../../objects/durable/signature'
import { foldText, wordsOf } from '../../objects/durable/words'
import { limits } from '../../src/core/limits'

const codePoints = limits.textCharactersMax

/** What one text costs. Sorting a run of marks is counted as the square of its length, which is what it takes. */
interface Costs {
  normalized: number
  sorted: number
  terms: number
  bytes: number
}

const costs: Costs = { normalized: 0, sorted: 0, terms: 0, bytes: 0 }
const { normalize } = String.prototype

const decompositions = new Map<string, boolean[]>()

/** Whether each part of a decomposed character is a mark. */
function marksIn(character: string): boolean[] {
  const known = decompositions.get(character)
  if (known) return known
  const parts = [...normalize.call(character, 'NFKD')].map((part) => /\p{M}/u.test(part))
  decompositions.set(character, parts)
  return parts
}

/** The squares of the runs of marks that a text has once it is decomposed. */
function sorting(text: string): number {
  let [sum, run] = [0, 0]
  for (const character of text)
    for (const isMark of marksIn(character)) {
      run = isMark ? run + 1 : 0
      sum += 2 * run
    }
  return sum
}

beforeEach(() => {
  vi.spyOn(String.prototype, 'normalize').mockImplementation(function (this: string, form) {
    const result = normalize.call(this, form)
    costs.normalized += Buffer.byteLength(this) + Buffer.byteLength(result)
    costs.sorted += sorting(this)
    return result
  })
})

afterEach(() => vi.restoreAllMocks())

function costsOf(text: string): Costs {
  Object.assign(costs, { normalized: 0, sorted: 0 })
  const folded = foldText(text)
  const terms = new Set<number>()
  addTerms(folded, terms)
  return { ...costs, terms: terms.size, bytes: Buffer.byteLength(folded.text) }
}

/** As many code points as a message takes. */
const filled = (text: string) => {
  const points = [...text]
  return Array.from({ length: codePoints }, (_, n) => points[n % points.length]).join('')
}

const plainText = Array.from({ length: codePoints / 5 }, (_, n) => (n + 36 ** 3).toString(36)).join(' ')

const from = (...ranges: readonly (readonly [number, number])[]) =>
  fc.oneof(
    ...ranges.map(([least, most]) => fc.integer({ min: least, max: most }).map((code) => String.fromCodePoint(code))),
  )

const kinds = {
  marks: from([0x300, 0x36f], [0x591, 0x5bd], [0x64b, 0x652], [0xe38, 0xe3a], [0x3099, 0x309a], [0x1d165, 0x1d169]),
  'marks that letters turn into': fc.constantFrom('\uFF9E', '\uFF9F', '\u0344', '\u0F73', '\u0E33', '\uFC5E', '\uFCF2'),
  'what folding leaves out': fc.constantFrom('\u00AD', '\u200D', '\u0640', '\uFE71', '\uFE7D', '\uFCF3', '\u{E0061}'),
  'hangul syllables and letters': from([0xac00, 0xd7a3], [0x1100, 0x11ff], [0xffa0, 0xffdc]),
  expansions: fc.constantFrom('\uFDFA', '\uFDFB', '\u337F', '\u3300', '\uFB2C', '\u{1D160}', '\u0390', 'ﬃ', 'ß', 'İ'),
  emoji: fc.constantFrom('👍', '👩‍👩‍👧‍👦', '🏴󠁧󠁢󠁥󠁮󠁧󠁿', '❤️', '🇵🇹', '1️⃣'),
  'one-letter words': from([0x61, 0x7a], [0x430, 0x44f], [0xa000, 0xa48c]).map((letter) => `${letter} `),
  'dotted letters': from([0x61, 0x7a], [0x30, 0x39]).map((letter) => `${letter}_`),
  'chinese and japanese': from([0x4e00, 0x9fff], [0x3041, 0x30ff], [0x3400, 0x4dbf], [0x3005, 0x3007]),
  'astral letters': from([0x20000, 0x2a6df], [0x1d400, 0x1d7ff], [0x1e900, 0x1e943], [0x10400, 0x1044f]),
  'thai and indic letters': from([0xe01, 0xe3a], [0xe40, 0xe4e], [0x900, 0x97f], [0x1780, 0x17d3]),
  anything: fc.string({ unit: 'binary', minLength: 1, maxLength: 1 }).filter((text) => text.isWellFormed()),
} satisfies Record<string, fc.Arbitrary<string>>

const ofOneKind = fc.oneof(...Object.values(kinds).map((kind) => fc.array(kind, { minLength: 1, maxLength: 400 })))

const hostile = fc
  .array(ofOneKind, { minLength: 1, maxLength: 5 })
  .chain((runs) => fc.boolean().map((mixed) => (mixed ? runs.flat().toSorted() : runs.flat()).join('')))
  .map(filled)

describe('what a message of 16,000 code points costs the search index', () => {
  // Plain text is folded without being normalized, and has no marks; what accented text would cost counts for it.
  const plain = { normalized: 6 * codePoints, sorted: 30 * codePoints, terms: 16_000, bytes: codePoints }

  function expectBounded(text: string) {
    const found = costsOf(text)
    for (const count of ['normalized', 'sorted', 'terms', 'bytes'] as const)
      expect(found[count], count).toBeLessThanOrEqual(4 * plain[count])
  }

  test('plain text is indexed as a whole', () => {
    expect(wordsOf(plainText)).toEqual(plainText.split(' '))
    expect(foldText(plainText, true).text).toBe(foldText(plainText).text)
  })

  test.for(Object.entries(kinds))('is at most four times that of plain text: %s', ([, kind]) => {
    const texts = fc.array(kind, { minLength: 1_000, maxLength: 2_000 }).map((some) => filled(some.join('')))
    fc.assert(fc.property(texts, expectBounded), { numRuns: 2 })
  })

  test('is at most four times that of plain text, whatever is mixed', () => {
    fc.assert(fc.property(hostile, expectBounded), { numRuns: 15 })
  })

  test('and so for each character that expands, repeated or told apart', () => {
    for (const character of ['\uFDFA', '\u337F', '\uFB2C', '\u0390', '\uAC01', '\u0F73', '\uFF9E\u0301']) {
      expectBounded(filled(character))
      const distinct = Array.from({ length: codePoints }, (_, n) => character + n.toString(36)).join(' ')
      expectBounded([...distinct].slice(0, codePoints).join(''))
    }
  })
})

test('marks beyond 30 in a row are ignored, in a text as in a query', () => {
  const marks = '\u0E38\u0E48'.repeat(40)
  const [word = ''] = wordsOf(`ก${marks}`)
  expect([...word]).toHaveLength(31)
  expect(foldText(`ก${marks}`).text).toBe(` ${word} `)
})
