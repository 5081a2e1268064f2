import { graphemes } from './graphemes'

/**
 * The beginning of a text: at most so many code points, cut between characters as readers see them (grapheme clusters).
 * Only a single character that is longer by itself is cut within, between code points.
 */
export function excerpt(text: string, codePointsMax: number): string {
  if (text.length <= codePointsMax) return text
  // A code point is at most two units: one more than fits is in here, and shows whether the last one belongs to it.
  const beginning = text.slice(0, 2 * (codePointsMax + 1))
  const fitting = [...beginning].slice(0, codePointsMax).join('')
  if (fitting.length === text.length) return text
  const cut = graphemes().segment(beginning).containing(fitting.length)?.index ?? 0
  return cut > 0 ? beginning.slice(0, cut) : fitting
}
