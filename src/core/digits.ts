import { lazy } from './lazy'

const isDigit = lazy(() => /\p{Nd}/v)
const digits = lazy(() => /\p{Nd}/gv)

/** Rows of ten that follow each other: no script has more digits than the six styles of mathematical ones. */
const rowsMax = 6

/** The digits of each script are ten characters in a row, and rows may follow each other. */
export function digitOf(codePoint: number): string {
  let first = codePoint
  while (codePoint - first < 10 * rowsMax && isDigit().test(String.fromCodePoint(first - 1))) first--
  return String((codePoint - first) % 10)
}

/** Writes the decimal digits of every script as 0 to 9. */
export const withAsciiDigits = (text: string) =>
  text.replaceAll(digits(), (digit) => digitOf(digit.codePointAt(0) ?? 0))
