import { digitOf } from '../../src/core/digits'
import { lazy } from '../../src/core/lazy'

/**
 * How single characters fold: two texts match when their characters fold to the same form, ignoring case, accents,
 * width, and look-alike letters of one script. Folding follows from Unicode's own tables alone, so an index that was
 * built earlier agrees with a text that is folded now.
 */

/** What the folded form of a character is in a text. */
export const Kind = {
  /** Ends a word. */
  break: 0,
  /** Leaves nothing behind: accents, vowel points, invisible characters. */
  nothing: 1,
  /** Joins the two sides of a word. */
  apostrophe: 2,
  /** A letter or digit of a script that puts spaces between words. */
  spaced: 3,
  /** A letter of a script that does not. */
  unspaced: 4,
  /** A mark that is part of the word. */
  mark: 5,
  /** Several characters of different kinds. */
  mixed: 6,
} as const
export type Kind = (typeof Kind)[keyof typeof Kind]

export interface FoldedLetter {
  text: string
  kind: Kind
}

/**
 * Accents, vowel points, and invisible characters, none of which tell words apart. Marks of other scripts, and the
 * Japanese voicing marks, are part of the word.
 */
const unwritten = lazy(() => /[[[\p{M}&&[\p{sc=Inherited}\p{sc=Arabic}\p{sc=Hebrew}]]--[\u3099\u309A]]\p{Cf}\u0640]/gv)

const apostrophes =
  /['`\u2018\u2019\u201B\u2032\uFF07\u00B4\u02B9\u02BB\u02BC\u02BD\u02C8\u055A\u05F3\u05F4\uA78B\uA78C]/g

/** Letters that Unicode does not decompose, mapped to what people type who lack the key, and look-alike letters. */
const alike: Record<string, string> = {
  ...{ ø: 'o', ł: 'l', đ: 'd', ð: 'd', þ: 'th', æ: 'ae', œ: 'oe', ħ: 'h', ς: 'σ' },
  // Arabic and Persian yeh, kaf and alef; heh in all its forms.
  ...{ ی: 'ي', ى: 'ي', ے: 'ي', ک: 'ك', ٱ: 'ا', ة: 'ه', ھ: 'ه', ہ: 'ه', ۃ: 'ه', ە: 'ه' },
  // The final forms of Hebrew.
  ...{ ך: 'כ', ם: 'מ', ן: 'נ', ף: 'פ', ץ: 'צ' },
}

/** Each Korean letter as the keys that type it, so that a half-typed syllable is the beginning of the whole one. */
const jamo: Record<string, string> = {
  ...{ '\u116A': '\u1169\u1161', '\u116B': '\u1169\u1162', '\u116C': '\u1169\u1175' },
  ...{ '\u116F': '\u116E\u1165', '\u1170': '\u116E\u1166', '\u1171': '\u116E\u1175', '\u1174': '\u1173\u1175' },
  ...{ '\u11A8': '\u1100', '\u11A9': '\u1101', '\u11AA': '\u1100\u1109', '\u11AB': '\u1102' },
  ...{ '\u11AC': '\u1102\u110C', '\u11AD': '\u1102\u1112', '\u11AE': '\u1103', '\u11AF': '\u1105' },
  ...{ '\u11B0': '\u1105\u1100', '\u11B1': '\u1105\u1106', '\u11B2': '\u1105\u1107', '\u11B3': '\u1105\u1109' },
  ...{ '\u11B4': '\u1105\u1110', '\u11B5': '\u1105\u1111', '\u11B6': '\u1105\u1112', '\u11B7': '\u1106' },
  ...{ '\u11B8': '\u1107', '\u11B9': '\u1107\u1109', '\u11BA': '\u1109', '\u11BB': '\u110A', '\u11BC': '\u110B' },
  ...{ '\u11BD': '\u110C', '\u11BE': '\u110E', '\u11BF': '\u110F', '\u11C0': '\u1110', '\u11C1': '\u1111' },
  '\u11C2': '\u1112',
}

const voicing = /[\u3099\u309A]/

const inWords = lazy(() => /[\p{L}\p{M}\p{N}]/v)
const isMark = lazy(() => /\p{M}/v)
const isDigit = lazy(() => /\p{Nd}/v)
/** Of these scripts, words cannot be told apart without a dictionary. */
const withoutSpaces = lazy(
  () =>
    /[\p{scx=Han}\p{scx=Hira}\p{scx=Kana}\p{scx=Bopo}\p{scx=Thai}\p{scx=Laoo}\p{scx=Khmr}\p{scx=Mymr}\p{scx=Lana}\p{scx=Talu}\p{scx=Tale}\p{scx=Tavt}\p{scx=Java}\p{scx=Bali}]/v,
)

/** Going through upper case turns ß into ss and makes the two Turkish letters i one. */
const caseless = (text: string) => text.toUpperCase().toLowerCase()

function foldCharacter(character: string): string {
  const codePoint = character.codePointAt(0) ?? 0
  if (isDigit().test(character)) return digitOf(codePoint)
  return inWords().test(character) ? (alike[character] ?? jamo[character] ?? character) : ' '
}

function unaccented(text: string): string {
  const decomposed = caseless(text).normalize('NFKD').replace(apostrophes, '').replace(unwritten(), '')
  const folded = [...decomposed].map(foldCharacter).join('')
  return voicing.test(folded) ? folded.normalize('NFC') : folded
}

/** Decomposing can bring out capital letters, and changing the case accents. */
function foldWhole(character: string): string {
  let folded = unaccented(character)
  for (let round = 0; round < 3; round++) {
    const again = unaccented(folded)
    if (again === folded) return folded
    folded = again
  }
  return folded
}

function kindOf(character: string): Kind {
  if (character === ' ') return Kind.break
  if (isMark().test(character)) return Kind.mark
  return withoutSpaces().test(character) ? Kind.unspaced : Kind.spaced
}

function kindOfAll(text: string): Kind {
  const kinds = new Set(Array.from(text, kindOf))
  if (kinds.size > 1) return Kind.mixed
  return kinds.values().next().value ?? Kind.nothing
}

function compute(codePoint: number): FoldedLetter {
  const character = String.fromCodePoint(codePoint)
  if (character.search(apostrophes) === 0) return { text: "'", kind: Kind.apostrophe }
  const text = foldWhole(character)
  return { text, kind: kindOfAll(text) }
}

const pageBits = 8
/** Folded letters are kept up to here: beyond are characters that are seldom used. */
const keptBelow = 0x20000
const pages: (FoldedLetter | undefined)[][] = []

/** The folded form of a character. */
export function foldLetter(codePoint: number): FoldedLetter {
  if (codePoint >= keptBelow) return compute(codePoint)
  const row = codePoint >> pageBits
  const place = codePoint & ((1 << pageBits) - 1)
  const page = pages[row] ?? new Array<FoldedLetter | undefined>(1 << pageBits)
  const letter = page[place] ?? compute(codePoint)
  page[place] = letter
  pages[row] = page
  return letter
}
