import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { snippetOf } from '../../objects/durable/snippet'
import { foldText, hasAll, wordsOf } from '../../objects/durable/words'
import { limits } from '../../src/core/limits'

/** The snippet with its matches in brackets. */
const marked = (text: string, query: string) =>
  snippetOf(text, wordsOf(query))
    .map((part) => (part.isMatch ? `[${part.text}]` : part.text))
    .join('')

test.for([
  ['lighthouse, Light', 'light', '[light]house, [Light]'],
  ['one two', 'tw on', '[on]e [tw]o'],
  ['Straße', 'stras', '[Straß]e'],
  ['e\u0301cole', 'e', '[e\u0301]cole'],
  ['the café', 'cafe', 'the [café]'],
  ['l’eau', 'eau', 'l’[eau]'],
  ['don’t', 'dont', '[don’t]'],
  ['한국', '하', '[한]국'],
  ['ประเทศไทย', 'ไทย', 'ประเทศ[ไทย]'],
  ['ดื่มน้ำ', 'น', 'ดื่ม[น้ำ]'],
  ['清华大学', '大学', '清华[大学]'],
  ['a\u{1F469}\u200D\u{1F467} word', 'word', 'a\u{1F469}\u200D\u{1F467} [word]'],
] as const)('%s is marked for %s', ([text, query, expected]) => {
  expect(marked(text, query)).toBe(expected)
})

describe('the snippet of a long text', () => {
  test('begins shortly before the first match and ends after 200 characters', () => {
    const text = `${'before '.repeat(100)}match ${'after '.repeat(100)}`
    const parts = snippetOf(text, ['match'])
    expect(parts.map(({ isMatch }) => isMatch)).toEqual([false, true, false])
    expect(parts[0]?.text).toHaveLength(limits.snippetLeadCharacters)
    expect(parts.map(({ text: part }) => part).join('')).toHaveLength(limits.snippetCharactersMax)
  })

  test('is found wherever the match is', () => {
    for (const before of [10, 900, 1_100, 1_995, 5_000, 15_000]) {
      const [lead, match, rest] = snippetOf(`${'x '.repeat(before / 2)}match${' y'.repeat(100)}`, ['match'])
      expect(lead).toEqual({ text: 'x '.repeat(Math.min(before, limits.snippetLeadCharacters) / 2), isMatch: false })
      expect(match).toEqual({ text: 'match', isMatch: true })
      expect(rest?.text.length).toBeGreaterThan(100)
    }
  })

  test('is cut between characters as readers see them', () => {
    const family = '\u{1F469}\u200D\u{1F469}\u200D\u{1F467}'
    const parts = snippetOf(`${family.repeat(50)} match ${family.repeat(50)}`, ['match'])
    expect(parts[0]?.text.replaceAll(family, '')).toBe(' ')
    expect(parts[2]?.text.replaceAll(family, '')).toBe(' ')
  })

  test('is a part of the text, and has a match', () => {
    const unit = fc.constantFrom(
      'a',
      'ß',
      'é',
      'e\u0301',
      ' ',
      '\u2019',
      'ﷺ',
      'น้ำ',
      '한',
      'か\u3099',
      '\u{1F469}\u200D\u{1F467}',
      '𠀀',
    )
    const text = fc.array(unit, { minLength: 1, maxLength: 400 }).map((units) => units.join(''))
    fc.assert(
      fc.property(text, fc.nat(), (whole, n) => {
        const words = wordsOf(whole)
        const word = words[n % Math.max(1, words.length)]
        if (word === undefined) return
        const parts = snippetOf(whole, [word])
        const shown = parts.map((part) => part.text).join('')
        expect(whole).toContain(shown)
        expect([...shown].length).toBeLessThanOrEqual(limits.snippetCharactersMax)
        const match = parts.find(({ isMatch }) => isMatch)?.text ?? ''
        expect(match).not.toBe('')
        if ([...word].length < 20) expect(hasAll(foldText(match), [word])).toBe(true)
      }),
    )
  })
})
