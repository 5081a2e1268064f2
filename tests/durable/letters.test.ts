import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { addTerms, bitsOf, mayHave, signatureOf, termsOfWord } from '../../objects/durable/signature'
import { foldText, hasAll, wordsOf } from '../../objects/durable/words'
import { sized } from '../support/run-size'

const folded = (text: string) => foldText(text).text

// Of the many that are all alike, ideographs and syllables of Korean, one in sixteen is enough.
const isOneOfMany = (codePoint: number, character: string) =>
  codePoint % sized(16, 1) !== 0 &&
  /[\p{Script=Han}\p{Script=Hangul}\p{Script=Tangut}\p{Script=Cuneiform}\p{Script=Egyptian_Hieroglyphs}]/u.test(
    character,
  )

/** Every letter, mark and digit of Unicode. */
const characters = Array.from({ length: 0x110000 }, (_, codePoint) => String.fromCodePoint(codePoint)).filter(
  (one, codePoint) => /[\p{L}\p{M}\p{N}]/u.test(one) && !isOneOfMany(codePoint, one),
)

/** Those for which something does not hold. */
const exceptions = (holds: (character: string) => boolean) =>
  characters.filter((one) => !holds(one)).map((one) => `U+${one.codePointAt(0)?.toString(16)}`)

describe('of all letters, marks and digits of Unicode', () => {
  test('each folds like its upper and its lower form', () => {
    expect(characters.length).toBeGreaterThan(sized(30_000, 140_000))
    const isLike = (one: string, other: string) => folded(`a${one}`) === folded(`a${other}`)
    expect(exceptions((one) => isLike(one, one.toUpperCase()) && isLike(one, one.toLowerCase()))).toEqual([])
  })

  test('each folds alike whether composed or not', () => {
    const isAlike = (one: string) =>
      folded(`a${one}`) === folded(`a${one.normalize('NFD')}`) &&
      folded(`a${one}`) === folded(`a${one.normalize('NFC')}`)
    expect(exceptions(isAlike)).toEqual([])
  })

  test('each stays as it is once folded', () => {
    expect(exceptions((one) => folded(folded(one)) === folded(one))).toEqual([])
  })

  test('digits fold to those of ASCII', () => {
    const digits = characters.filter((one) => /\p{Nd}/u.test(one))
    expect(digits.length).toBeGreaterThan(600)
    expect(digits.filter((one) => !/^ \d $/.test(folded(one)))).toEqual([])
    expect(['٣', '३', '๓', '３', '\u{1D7DB}'].map(folded)).toEqual(Array(5).fill(' 3 '))
  })
})

/** What is typed on the way to a text, and the text. Each of it has to find the text. */
const typing: Record<string, string[]> = {
  Thai: ['ขอบคุณมากครับ', 'ประเทศไทย', 'น้ำดื่ม', 'โรงเรียน'],
  Lao: ['ຂອບໃຈຫຼາຍໆ', 'ສະບາຍດີ', 'ນ້ຳ'],
  Japanese: ['ありがとうございます', '東京大学でカタカナを学ぶ', 'がんばって'],
  Chinese: ['我昨天在北京看书', '清华大学'],
  Korean: ['한국은아름답다', '과일', '앉아', '값', '꽃병', '의사'],
  German: ['Straßenbahnhaltestelle', 'Übergrößenträger'],
  French: ['l’arc-en-ciel', 'aujourd’hui', 'œuvre', 'déjà'],
}

/** Each letter of Korean as its keys, so that half-typed syllables are among what is typed. */
const half = (syllables: string) => {
  const beginnings: string[] = []
  for (const [n, syllable] of [...syllables].entries()) {
    const before = [...syllables].slice(0, n).join('')
    const jamo = [...syllable.normalize('NFD')]
    for (let count = 1; count <= jamo.length; count++)
      beginnings.push(before + jamo.slice(0, count).join('').normalize('NFC'))
  }
  return beginnings
}

const beginnings = (text: string, language: string) => {
  const units = [...new Intl.Segmenter('en', { granularity: 'grapheme' }).segment(text)].map(({ segment }) => segment)
  const whole = units.map((_, n) => units.slice(0, n + 1).join(''))
  const points = [...text].map((_, n) => [...text].slice(0, n + 1).join(''))
  return [...whole, ...points, ...(language === 'Korean' ? half(text) : [])]
}

const mayBeIn = (text: string, query: string) => {
  const terms = new Set<number>()
  addTerms(foldText(text), terms)
  const signature = signatureOf(terms)
  return wordsOf(query).every((word) => mayHave(signature, termsOfWord(word)))
}

test.for(Object.entries(typing))('whatever is typed on the way to a text finds it, in %s', ([language, texts]) => {
  for (const text of texts)
    for (const query of beginnings(text, language)) {
      if (wordsOf(query).length === 0) continue
      expect(hasAll(foldText(`a word, ${text}, and more`), wordsOf(query)), query).toBe(true)
      expect(mayBeIn(`a word, ${text}, and more`, query), query).toBe(true)
    }
})

test.for([
  // A keyboard takes the first letter of the next syllable for the last one of this, until a vowel follows.
  ['하나', ['ㅎ', '하', '한', '하나']],
  ['과일', ['ㄱ', '고', '과', '광', '과이', '과일']],
  ['없어', ['ㅇ', '어', '업', '없', '없ㅇ', '없어']],
  ['갑시다', ['값', '갑시', '갑싣', '갑시다']],
  ['예쁘다', ['예', '예ㅃ', '예쁘', '예쁟']],
] as const)('%s is found by each key that is typed', ([text, typed]) => {
  for (const query of typed) {
    expect(hasAll(foldText(text), wordsOf(query)), query).toBe(true)
    expect(mayBeIn(text, query), query).toBe(true)
  }
})

describe('a word within a text is found', () => {
  test.for([
    ['ประเทศไทย', 'ไทย'],
    ['ສະບາຍດີປະເທດລາວ', 'ລາວ'],
    ['東京大学', '大学'],
    ['她去清华大学', '清华'],
    ['我爱abc和你', 'abc'],
    ['ページ12', '12'],
    ['មានសុខភាពល្អ', 'សុខភាព'],
    ['မင်္ဂလာပါ', 'လာပါ'],
  ] as const)('%s: %s', ([text, query]) => {
    expect(hasAll(foldText(text), wordsOf(query))).toBe(true)
    expect(mayBeIn(text, query)).toBe(true)
  })

  test('but not in scripts with spaces, nor across their border', () => {
    expect(hasAll(foldText('lighthouse'), wordsOf('house'))).toBe(false)
    expect(hasAll(foldText('我爱abc和你'), ['爱和'])).toBe(false)
    expect(hasAll(foldText('我爱abc和你'), ['bc'])).toBe(false)
  })
})

describe('a signature', () => {
  const word = fc.oneof(
    fc.string({ unit: fc.constantFrom('a', 'b', 'é', 'ß', 'я', '7'), minLength: 1, maxLength: 12 }),
    fc.string({ unit: fc.constantFrom('大', '学', 'か', 'ไ', 'ท', '𠀀'), minLength: 1, maxLength: 6 }),
    fc.string({ unit: 'grapheme', minLength: 1, maxLength: 6 }),
  )
  const text = fc.array(word, { minLength: 1, maxLength: 40 }).map((words) => words.join(' '))

  test('never denies what a text has', () => {
    fc.assert(
      fc.property(text, fc.nat(), fc.nat(), (whole, n, length) => {
        const points = [...whole]
        const from = n % points.length
        const query = points.slice(from, from + 1 + (length % 10)).join('')
        if (wordsOf(query).length === 0 || !hasAll(foldText(whole), wordsOf(query))) return
        expect(mayBeIn(whole, query), query).toBe(true)
      }),
      { numRuns: 500 },
    )
  })

  test('has the bits that its words ask for', () => {
    const terms = new Set<number>()
    addTerms(foldText('one two three'), terms)
    const signature = signatureOf(terms)
    const bits = signature.length * 8
    for (const word of ['one', 'two', 'three'])
      for (const bit of bitsOf(termsOfWord(word)))
        expect(((signature[(bit % bits) >>> 3] ?? 0) >> ((bit % bits) & 7)) & 1).toBe(1)
  })

  test('denies almost all of what they do not have', () => {
    const terms = new Set<number>()
    for (let n = 0; n < 64; n++) addTerms(foldText(`message ${n ** 3} of number${n * 7919} words${n * 31}`), terms)
    const signature = signatureOf(terms)
    const passed = Array.from({ length: 10_000 }, (_, n) => `x${(n * 2_654_435).toString(36)}`).filter((one) =>
      mayHave(signature, termsOfWord(one)),
    )
    expect(passed.length).toBeLessThan(50)
    expect(signature.length).toBeLessThanOrEqual(8 * 1024)
    expect(mayHave(signatureOf(new Set()), termsOfWord('x'))).toBe(false)
  })
})
