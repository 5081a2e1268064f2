import { lazy } from './lazy'

/** Splits a text into characters as readers see them: grapheme clusters (UAX #29). */
export const graphemes = lazy(() => new Intl.Segmenter('en', { granularity: 'grapheme' }))
