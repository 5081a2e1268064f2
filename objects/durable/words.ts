/**
 * How text is cut into the words that a search index holds. Two texts match when their words fold alike: without regard
 * to case, accents and width.
 */
const segmenter = new Intl.Segmenter('en', { granularity: 'word' })

/**
 * Marks that tell accents and vowel points apart, and what is not seen. In other scripts marks make the word, as do
 * those of voice in Japanese.
 */
const unwritten = /[[[\p{M}&&[\p{sc=Inherited}\p{sc=Arabic}\p{sc=Hebrew}]]--[\u3099\u309A]]\p{Cf}\u0640]/gv

/** Letters that Unicode does not take apart, as those write them who lack the key; and both forms of sigma. */
const plain: Record<string, string> = { ø: 'o', ł: 'l', đ: 'd', ð: 'd', þ: 'th', æ: 'ae', œ: 'oe', ħ: 'h', ς: 'σ' }

const notInWords = /[^\p{L}\p{M}\p{N}]+/gv

/** One word without regard to case, accents and width. What had an apostrophe or a dot becomes several, in a row. */
const fold = (word: string): string =>
  word
    .normalize('NFKD')
    .replace(unwritten, '')
    // By way of the upper case, ß is ss and both letters i of Turkish are one.
    .toUpperCase()
    .toLowerCase()
    .replace(/[øłđðþæœħς]/g, (letter) => plain[letter] ?? letter)
    .normalize('NFC')
    .replace(notInWords, ' ')
    .trim()

/** The words of a text, folded, each once. Emoji and punctuation are not words. */
export function wordsOf(text: string): string[] {
  const words = new Set<string>()
  for (const { segment, isWordLike } of segmenter.segment(text.normalize('NFC')))
    if (isWordLike) words.add(fold(segment))
  words.delete('')
  return [...words]
}

/** A word as it is indexed: in Chinese characters its later parts too, so that 清华大学 is found by 大学. */
export const withParts = (word: string): string[] => [
  word,
  ...[...word.matchAll(/(?<!^)\p{sc=Han}/gv)].map(({ index }) => word.slice(index)),
]
