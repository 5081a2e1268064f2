import { limits } from '../../src/core/limits'
import { type FoldedLetter, foldLetter, Kind } from './letters'

/**
 * The words of a text: runs of letters, digits and marks, cut where scripts with spaces between words meet scripts
 * without. An apostrophe joins both sides into one word, of which what follows it is a beginning, too.
 */
export interface FoldedText {
  /** A space, and the folded words with one space after each of them. */
  text: string
  /** Where words begin that follow an apostrophe, besides those after a space. */
  inner: readonly number[]
  /** For each unit of `text`, where in the original its character begins; empty unless asked for. */
  sources: readonly number[]
}

/** No language has runs of more than 30 marks (UAX #15, Stream-Safe Text Format), so the rest of a longer one is dropped. */
const marksMax = 30

/** How many code points of a word are indexed with each of its beginnings. */
export const indexedPrefixMax = 8

const voicing = /^[\u3099\u309A]$/

/** The share of a UTF-16 unit in the bytes of UTF-8. */
function bytesOfUnit(unit: number): number {
  if (unit < 0x80) return 1
  return unit < 0x800 || (unit >= 0xd800 && unit < 0xe000) ? 2 : 3
}

class Folding {
  readonly inner: number[] = []
  readonly sources: number[] = []
  readonly #wantsSources: boolean
  #text = ' '
  /** The last letter with its marks, which may still change their order. */
  #held = ''
  #heldFrom = 0
  #marks = 0
  #last: Kind = Kind.break
  #isJoining = false
  /** Code points of the present word. */
  #length = 0
  #terms = 0
  #bytes = 0

  constructor(wantsSources: boolean) {
    this.#wantsSources = wantsSources
    if (wantsSources) this.sources.push(0)
  }

  get isFull(): boolean {
    return this.#terms > limits.indexedTermsMax || this.#bytes > limits.indexedBytesMax
  }

  add({ text, kind }: FoldedLetter, from: number) {
    if (kind === Kind.nothing) return
    if (kind === Kind.mixed) for (const character of text) this.add(foldLetter(character.codePointAt(0) ?? 0), from)
    else if (kind === Kind.break) this.#endWord(from)
    else if (kind === Kind.apostrophe) this.#join(from)
    else if (kind === Kind.mark) this.#addMark(text)
    else if (text.length === 1) this.#addLetter(text, kind, from)
    else for (const letter of text) this.#addLetter(letter, kind, from)
  }

  end(place: number): FoldedText {
    this.#endWord(place)
    return { text: this.#text, inner: this.inner, sources: this.sources }
  }

  #endWord(from: number) {
    if (this.#last === Kind.break) return
    this.#flush()
    this.#write(' ', from)
    this.#last = Kind.break
    this.#isJoining = false
    this.#length = 0
  }

  #join(from: number) {
    if (this.#last === Kind.spaced && !this.#isJoining) this.#isJoining = true
    else this.#endWord(from)
  }

  #addMark(mark: string) {
    if (this.#last === Kind.break || this.#marks >= marksMax) return
    this.#marks++
    this.#held += mark
    this.#count()
  }

  #addLetter(letter: string, kind: Kind, from: number) {
    if (this.#last !== kind) this.#endWord(from)
    this.#flush()
    if (this.#isJoining) {
      this.inner.push(this.#text.length)
      this.#terms += indexedPrefixMax
    }
    this.#isJoining = false
    this.#last = kind
    this.#held = letter
    this.#heldFrom = from
    this.#count()
  }

  #count() {
    if (this.#last === Kind.unspaced) this.#terms += 2
    else if (this.#length < indexedPrefixMax) this.#terms++
    this.#length++
  }

  /** Marks in another order are the same marks, and a voicing mark is part of its letter. */
  #flush() {
    if (this.#held === '') return
    const isVoiced = this.#marks > 0 && voicing.test(this.#held.slice(-1))
    const inOrder = isVoiced ? 'NFC' : this.#marks > 1 ? 'NFD' : null
    this.#write(inOrder ? this.#held.normalize(inOrder) : this.#held, this.#heldFrom)
    this.#held = ''
    this.#marks = 0
  }

  #write(text: string, from: number) {
    this.#text += text
    for (let unit = 0; unit < text.length; unit++) this.#bytes += bytesOfUnit(text.charCodeAt(unit))
    if (this.#wantsSources) for (let unit = 0; unit < text.length; unit++) this.sources.push(from)
  }
}

const plainText = /^[\p{ASCII}--['`]]*$/v
const notPlainWord = /[^a-z0-9]+/g

/** Folds a text, as far as it is indexed; with the places in the original if `wantsSources`. */
export function foldText(text: string, wantsSources = false): FoldedText {
  if (!wantsSources && text.length <= limits.textCharactersMax && plainText.test(text))
    return { text: ` ${text.toLowerCase()} `.replace(notPlainWord, ' '), inner: [], sources: [] }
  const folding = new Folding(wantsSources)
  let place = 0
  while (place < text.length && !folding.isFull) {
    const codePoint = text.codePointAt(place) ?? 0
    folding.add(foldLetter(codePoint), place)
    place += codePoint > 0xffff ? 2 : 1
  }
  return folding.end(place)
}

const isUnspaced = (word: string) => foldLetter(word.codePointAt(0) ?? 0).kind === Kind.unspaced

/** The words of a query, folded and without duplicates. */
export const wordsOf = (query: string): string[] => [
  ...new Set(
    foldText(query)
      .text.split(' ')
      .filter((word) => word !== ''),
  ),
]

/**
 * Where in a folded text a word of a query begins, from a place on: as the beginning of a word, or anywhere in scripts
 * without spaces. -1 if nowhere.
 */
export function placeOf({ text, inner }: FoldedText, word: string, from = 0): number {
  if (isUnspaced(word)) return text.indexOf(word, from)
  const atSpace = text.indexOf(` ${word}`, Math.max(0, from - 1))
  const first = atSpace < 0 ? Infinity : atSpace + 1
  const joined = inner.find((place) => place >= from && place < first && text.startsWith(word, place))
  return joined ?? (atSpace < 0 ? -1 : first)
}

/** Whether a text has, for each word of a query, a word that begins with it. */
export const hasAll = (text: FoldedText, words: readonly string[]): boolean =>
  words.every((word) => placeOf(text, word) >= 0)
