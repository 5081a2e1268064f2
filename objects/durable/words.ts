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

/**
 * Folds one word, ignoring case, accents, and width. A word with an apostrophe or a dot becomes several consecutive
 * words.
 */
const fold = (word: string): string =>
  word
    .normalize('NFKD')
    .replace(unwritten, '')
    // Going through upper case turns ß into ss and makes the two Turkish letters i one.
    .toUpperCase()
    .toLowerCase()
    .replace(/[øłđðþæœħς]/g, (letter) => plain[letter] ?? letter)
    .normalize('NFC')
    .replace(notInWords, ' ')
    .trim()

/** The words of a text, folded and without duplicates. Emoji and punctuation are not words. */
export function wordsOf(text: string): string[] {
  const words = new Set<string>()
  for (const { segment, isWordLike } of segmenter.segment(text.normalize('NFC')))
    if (isWordLike) words.add(fold(segment))
  words.delete('')
  return [...words]
}

/** A word as it is indexed. In Chinese characters, its later parts are indexed too, so that 大学 finds 清华大学. */
export const withParts = (word: string): string[] => [
  word,
  ...[...word.matchAll(/(?<!^)\p{sc=Han}/gv)].map(({ index }) => word.slice(index)),
]
