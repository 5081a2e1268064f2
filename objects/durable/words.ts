import { limits } from '../../src/core/limits'

/**
 * Splits text into the words that a search index holds. Two texts match when their words fold to the same form,
 * ignoring case, accents, and width.
 */
const segmenter = new Intl.Segmenter('en', { granularity: 'word' })

/**
 * Accents, vowel points, and invisible characters, none of which tell words apart. Marks of other scripts, and the
 * Japanese voicing marks, are part of the word.
 */
const unwritten = /[[[\p{M}&&[\p{sc=Inherited}\p{sc=Arabic}\p{sc=Hebrew}]]--[\u3099\u309A]]\p{Cf}\u0640]/gv

/** Letters that Unicode does not decompose, mapped to what people type who lack the key; and both forms of sigma. */
const plain: Record<string, string> = { ø: 'o', ł: 'l', đ: 'd', ð: 'd', þ: 'th', æ: 'ae', œ: 'oe', ħ: 'h', ς: 'σ' }

const notInWords = /[^\p{L}\p{M}\p{N}]+/gv

/** The halfwidth voicing marks of Japanese become marks when they are decomposed. */
const marks = /([\p{M}\uFF9E\uFF9F]{1,30})[\p{M}\uFF9E\uFF9F]*/gv

/**
 * Normalizing takes time that grows with the square of a run of marks. No language has runs of more than 30 (UAX #15,
 * Stream-Safe Text Format), so the rest of a longer one is dropped.
 */
const normalize = (text: string, form: 'NFC' | 'NFKD') => text.replace(marks, '$1').normalize(form)

/**
 * Folds one word, ignoring case, accents, and width. A word with an apostrophe or a dot becomes several consecutive
 * words.
 */
function fold(word: string): string {
  const folded = normalize(word, 'NFKD')
    .replace(unwritten, '')
    // Going through upper case turns ß into ss and makes the two Turkish letters i one.
    .toUpperCase()
    .toLowerCase()
    .replace(/[øłđðþæœħς]/g, (letter) => plain[letter] ?? letter)
  return normalize(folded, 'NFC').replace(notInWords, ' ').trim()
}

/** A piece is as long as a query can be, so that cutting a word hides nothing from a search for its beginning. */
const pieces = new RegExp(`.{1,${limits.searchCharactersMax}}`, 'gsv')

/** The words of a text, folded one by one as they are asked for. Emoji and punctuation are not words. */
function* foldedWords(text: string): Generator<string> {
  const seen = new Set<string>()
  for (const { segment, isWordLike } of segmenter.segment(normalize(text, 'NFC'))) {
    if (!isWordLike) continue
    for (const [piece] of segment.matchAll(pieces)) {
      if (seen.has(piece)) continue
      seen.add(piece)
      const word = fold(piece)
      if (word !== '') yield word
    }
  }
}

/** The words of a query, folded and without duplicates. */
export const wordsOf = (query: string): string[] => [...new Set(foldedWords(query))]

/** A word as it is indexed. In Chinese characters, its later parts are indexed too, so that 大学 finds 清华大学. */
const withParts = (word: string): string[] => [
  word,
  ...[...word.matchAll(/(?<!^)\p{sc=Han}/gv)].map(({ index }) => word.slice(index)),
]

/**
 * The words of a message as they are indexed, in the order of the text: as many of the first ones as fit. Folding can
 * make many words, and 33 bytes, of one character, so both are counted as they come out.
 */
export function indexedWords(text: string): string[] {
  const words = new Set<string>()
  let [count, bytes] = [0, 0]
  for (const word of foldedWords(text)) {
    const parts = withParts(word).join(' ')
    count += parts.split(' ').length
    bytes += Buffer.byteLength(parts) + 1
    if (count > limits.indexedWordsMax || bytes > limits.indexedBytesMax) break
    words.add(parts)
  }
  return [...words]
}
