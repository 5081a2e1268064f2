import { foldLetter, Kind } from './letters'
import { type FoldedText, indexedPrefixMax } from './words'

/**
 * A signature says of some texts, without their words, which words may be in them: a Bloom filter of the beginnings of
 * each word, and of single characters and pairs of them in scripts without spaces. It never denies a word that is there;
 * one in a thousand that is not passes, more where texts are too long for it. Stored signatures are compared with words
 * that are hashed later, so nothing here can change without building all of them again.
 */

const bytesPerTerm = 2
const bytesMax = 8 * 1024
const hashes = 6

/** Spreads the bits of a number over all of its 32 (the finalizer of MurmurHash3). */
function mixed(number: number): number {
  let hash = number
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b)
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35)
  return (hash ^ (hash >>> 16)) >>> 0
}

const seed = 0x811c9dc5
/** One step of FNV-1a, with whole code points. */
const step = (hash: number, codePoint: number) => Math.imul(hash ^ codePoint, 0x01000193)

/** Between the bits of a term. */
const strideOf = (term: number) => (mixed(term ^ seed) | 1) >>> 0

const isUnspaced = (codePoint: number) => foldLetter(codePoint).kind === Kind.unspaced

/** Adds the terms of the word at a place: its beginnings, or in scripts without spaces its characters and pairs. */
function addWord(text: string, place: number, terms: Set<number>) {
  const first = text.codePointAt(place) ?? 0
  const isRun = isUnspaced(first)
  let hash = seed
  let before = 0
  for (let at = place, count = 0; at < text.length && (isRun || count < indexedPrefixMax); count++) {
    const codePoint = text.codePointAt(at) ?? 0
    if (codePoint === 32) return
    if (isRun) {
      terms.add(mixed(step(seed, codePoint)))
      if (count > 0) terms.add(mixed(step(step(seed, before), codePoint)))
    } else {
      hash = step(hash, codePoint)
      terms.add(mixed(hash))
    }
    before = codePoint
    at += codePoint > 0xffff ? 2 : 1
  }
}

/** Adds what a search may ask for of a text, as numbers. */
export function addTerms({ text, inner }: FoldedText, terms: Set<number>) {
  for (let space = 0; space >= 0 && space < text.length - 1; space = text.indexOf(' ', space + 1))
    addWord(text, space + 1, terms)
  for (const place of inner) addWord(text, place, terms)
}

/** What a signature must have for a word of a query: the longest beginning that is indexed, or all pairs. */
export function termsOfWord(word: string): number[] {
  const points = Array.from(word, (character) => character.codePointAt(0) ?? 0)
  const [first = 0] = points
  if (!isUnspaced(first)) return [mixed(points.slice(0, indexedPrefixMax).reduce(step, seed))]
  if (points.length === 1) return [mixed(step(seed, first))]
  return points.slice(1).map((point, n) => mixed(step(step(seed, points[n] ?? 0), point)))
}

/** The signature of texts with these terms. */
export function signatureOf(terms: ReadonlySet<number>): Uint8Array<ArrayBuffer> {
  const signature = new Uint8Array(Math.min(bytesPerTerm * terms.size, bytesMax))
  const bits = signature.length * 8
  for (const term of terms) {
    const stride = strideOf(term)
    for (let n = 0; n < hashes; n++) {
      const bit = (term + n * stride) % bits
      signature[bit >>> 3] = (signature[bit >>> 3] ?? 0) | (1 << (bit & 7))
    }
  }
  return signature
}

/** Some of the bits that a signature must have, as numbers to take modulo its length in bits. */
export function bitsOf(terms: readonly number[]): [number, number, number, number] {
  const bit = (n: number) => {
    const term = terms[n % terms.length] ?? 0
    return term + Math.floor(n / terms.length) * strideOf(term)
  }
  return [bit(0), bit(1), bit(2), bit(3)]
}

/** Whether the texts of a signature may have all of these terms. */
export function mayHave(signature: Uint8Array, terms: readonly number[]): boolean {
  const bits = signature.length * 8
  return (
    bits > 0 &&
    terms.every((term) => {
      const stride = strideOf(term)
      for (let n = 0; n < hashes; n++) {
        const bit = (term + n * stride) % bits
        if (((signature[bit >>> 3] ?? 0) & (1 << (bit & 7))) === 0) return false
      }
      return true
    })
  )
}
