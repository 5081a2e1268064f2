import { excerpt } from '../../src/core/excerpt'
import { graphemes } from '../../src/core/graphemes'
import { limits } from '../../src/core/limits'
import { type FoldedText, foldText, placeOf } from './words'

/** Marks what a query matches in the part of a text around its first match. Cuts between characters as readers see them. */

export interface SnippetPart {
  text: string
  isMatch: boolean
}

/** A part of a text, as UTF-16 units. */
interface Range {
  from: number
  to: number
}

/** Where in the original text something in the folded one comes from, with the accents and marks that belong to it. */
function rangeOf({ sources }: FoldedText, place: number, length: number, end: number): Range {
  let after = place + length
  while (after < sources.length && sources[after] === sources[after - 1]) after++
  return { from: sources[place] ?? 0, to: sources[after] ?? end }
}

/** The matches of any of the words, from a place in the folded text on. */
function* matches(folded: FoldedText, words: readonly string[], from: number, end: number): Generator<Range> {
  for (const word of words)
    for (let place = placeOf(folded, word, from); place >= 0; place = placeOf(folded, word, place + word.length)) {
      const range = rangeOf(folded, place, word.length, end)
      if (range.from >= end) break
      yield range
    }
}

/** The text before the first match that is shown: so many code points at most, from the start of a character. */
function leadOf(text: string, to: number): number {
  const from = Math.max(0, to - 4 * limits.snippetLeadCharacters)
  const nearby = text.slice(from, to)
  const lead = [...nearby].slice(-limits.snippetLeadCharacters).join('').length
  if (from === 0 && lead === nearby.length) return 0
  const cut = graphemes()
    .segment(nearby)
    .containing(nearby.length - lead)
  if (!cut) return to
  return from + (cut.index === nearby.length - lead ? cut.index : cut.index + cut.segment.length)
}

/** Ranges in ascending order, each widened to whole characters, and joined where they meet. */
function merge(ranges: Range[], text: string): Range[] {
  const segments = graphemes().segment(text)
  const merged: Range[] = []
  for (const { from, to } of ranges.sort((a, b) => a.from - b.from)) {
    const first = segments.containing(from)
    const last = segments.containing(Math.min(to, text.length) - 1)
    const whole = { from: first?.index ?? from, to: last ? last.index + last.segment.length : to }
    const previous = merged.at(-1)
    if (previous && whole.from <= previous.to) previous.to = Math.max(previous.to, whole.to)
    else merged.push(whole)
  }
  return merged
}

function split(text: string, ranges: readonly Range[]): SnippetPart[] {
  const parts: SnippetPart[] = []
  let done = 0
  for (const { from, to } of ranges) {
    parts.push({ text: text.slice(done, from), isMatch: false }, { text: text.slice(from, to), isMatch: true })
    done = to
  }
  parts.push({ text: text.slice(done), isMatch: false })
  return parts.filter((part) => part.text !== '')
}

/** Folding with places takes several times as long as without, and most matches are near the beginning. */
const beginningUnits = 2_000

const firstMatch = (folded: FoldedText, words: readonly string[]) =>
  Math.min(...words.map((word) => placeOf(folded, word)).filter((place) => place >= 0))

/** The text folded as far as the snippet needs it, and where its first match is. */
function foldToFirst(text: string, words: readonly string[]): { folded: FoldedText; first: number } {
  const beginning = foldText(text.slice(0, beginningUnits), true)
  const first = firstMatch(beginning, words)
  // The other half has room for all code points of a snippet.
  if (text.length <= beginningUnits || (beginning.sources[first] ?? beginningUnits) < beginningUnits / 2)
    return { folded: beginning, first }
  const folded = foldText(text, true)
  return { folded, first: firstMatch(folded, words) }
}

/** The snippet of a text that has all of the words, for a reader. */
export function snippetOf(text: string, words: readonly string[]): SnippetPart[] {
  const { folded, first } = foldToFirst(text, words)
  const start = leadOf(text, rangeOf(folded, first, 1, text.length).from)
  const shown = excerpt(text.slice(start), limits.snippetCharactersMax)
  const found = [...matches(folded, words, first, start + shown.length)]
  return split(
    shown,
    merge(
      found.map(({ from, to }) => ({ from: from - start, to: to - start })),
      shown,
    ),
  )
}
