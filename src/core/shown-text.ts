import { lazy } from './lazy'

/**
 * What in a name would mislead those who read it: characters that turn the order of a line around, and characters that
 * nobody sees, so that two names look the same. Scripts and emoji need some of them between certain neighbors.
 */

/** Drawn as nothing, although they count as symbols, letters, or marks: blank Braille, a note, hieroglyphs, and a filler. */
const blank = '\\u2800\\u{1D159}\\u{13441}\\u{13442}\\u{16FE4}'

const hiddenInFileName = lazy(() => /[\p{Bidi_Control}\p{Cc}\p{Zl}\p{Zp}]/gv)

// Of the format characters, those that are drawn: Arabic and Syriac signs of numbers, and the layout of hieroglyphs.
const drawn = '\\u0600-\\u0605\\u06DD\\u070F\\u0890\\u0891\\u08E2\\u{110BD}\\u{110CD}\\u{13430}-\\u{1343F}'
const unseen = lazy(
  () => new RegExp(`[[\\p{Default_Ignorable_Code_Point}\\p{Bidi_Control}\\p{Cf}${blank}]--[${drawn}]]`, 'v'),
)

/** Breaks lines or controls a device. */
const control = lazy(() => /[\p{Cc}\p{Zl}\p{Zp}]/v)

const shown = lazy(
  () => new RegExp(`[[\\p{L}\\p{N}\\p{P}\\p{S}\\p{Co}]--\\p{Default_Ignorable_Code_Point}--[${blank}]]`, 'v'),
)

/** Marks of direction and hints for line breaks, which running text may have. */
const marksOfText = /[\u200E\u200F\u061C\u00AD\u2060]/gv

/** Where these characters belong, everything that is needed with them. */
const sequences = lazy(() => [
  // Joined emoji, also those that are newer than the list of them.
  /\p{Extended_Pictographic}[\p{Emoji_Modifier}\uFE0F]?(?:\u200D\p{Extended_Pictographic}[\p{Emoji_Modifier}\uFE0F]?)+/gv,
  /\p{RGI_Emoji}/gv,
  // The choice between text and picture.
  /\p{Extended_Pictographic}[\uFE0E\uFE0F]/gv,
  /[0-9#*]\uFE0F\u20E3/gv,
  // Forms of one ideograph, in Chinese and Japanese names.
  /\p{sc=Han}[\uFE00-\uFE02\u{E0100}-\u{E01EF}]/gv,
  /[\p{sc=Mongolian}&&[\p{L}\p{N}]][\u180B-\u180F]/gv,
])

// Scripts in which joiners change how letters are written. In others they are merely invisible.
const joinedScripts = ['Arab', 'Syrc', 'Mand', 'Nkoo', 'Mong', 'Deva', 'Beng', 'Guru', 'Gujr', 'Orya', 'Taml', 'Telu']
  .concat('Knda', 'Mlym', 'Sinh', 'Mymr', 'Khmr', 'Tibt')
  .map((script) => `\\p{scx=${script}}`)
const joined = `[[${joinedScripts.join('')}]&&[\\p{L}\\p{M}]]`
const virama = '[\\u094D\\u09CD\\u0A4D\\u0ACD\\u0B4D\\u0BCD\\u0C4D\\u0CCD\\u0D4D\\u0DCA]'

/** A joiner between two letters of such a script, or after a sign that ends a syllable, as at the end of a word. */
const joiner = lazy(
  () => new RegExp(`(?<=${joined})[\\u200C\\u200D](?=${joined})|(?<=${virama})[\\u200C\\u200D]`, 'gv'),
)

const withoutSequences = (text: string) =>
  sequences().reduce((rest, sequence) => rest.replaceAll(sequence, ' '), text.replaceAll(joiner(), ''))

const showsSomething = (text: string) => shown().test(text)

const spaces = lazy(
  () => new RegExp(`^[\\p{White_Space}\\p{Cc}\\p{Cf}\\p{Default_Ignorable_Code_Point}${blank}]*$`, 'v'),
)

/** Returns what is wrong with a text of nothing but spaces, controls, and characters that nobody sees, or null. */
export const blankAsText = (text: string): string | null =>
  spaces().test(text) ? 'Must have a visible character.' : null

/** Returns what is wrong with a name that others see, or null. */
export function misleadingInName(name: string): string | null {
  if (!showsSomething(name)) return 'Must have a visible character.'
  if (control().test(name)) return 'Must not contain control characters or line breaks.'
  if (unseen().test(withoutSequences(name))) return 'Must not contain invisible or direction-changing characters.'
  return null
}

/** The same for a text that others see beside a name. Lines, and marks of direction, are part of it. */
export function misleadingInText(text: string): string | null {
  if (!showsSomething(text)) return 'Must have a visible character.'
  if (unseen().test(withoutSequences(text).replaceAll(marksOfText, '')))
    return 'Must not contain invisible or direction-changing characters.'
  return null
}

/**
 * Returns the name of a file as others may see it: without directories, control characters, and what would disguise its
 * ending; empty if nothing of it is visible, or it is `..`.
 */
export function plainFileName(name: string): string {
  const plain = name.replaceAll(hiddenInFileName(), '').split(/[/\\]/).at(-1) ?? ''
  return showsSomething(plain) && !/^\.+$/.test(plain) ? plain : ''
}
