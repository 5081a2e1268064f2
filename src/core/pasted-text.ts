import { withAsciiDigits } from './digits'
import { lazy } from './lazy'

// Marks of direction, joiners, soft hyphens, and whatever else is in a text without being seen.
const unseen = lazy(() => /[\p{Cf}\p{Default_Ignorable_Code_Point}\u2800]/gv)
// What is put between digits: spaces, dashes, brackets, tildes, underscores, and dots in the middle of the line.
const separators = lazy(() => /[\p{White_Space}\p{Dash}\p{Ps}\p{Pe}~_\u00B7\u2022\u2027\u2219\u22C5\u30FB\uFF65]/gv)
const plusSigns = /[\u207A\u208A\u2795\uFB29\uFE62\uFF0B]|%2B/giv
// Quotes, commas, flags, and pictures of telephones, but not what is dialed.
const around = lazy(() => /^[^\p{L}\p{N}*#+]+|[^\p{L}\p{N}*#]+$/gv)
// RFC 3966. With a context, the prefix is needed to understand what follows.
const telPrefix = /^tel:(?:\/\/)?(?!.*;phone-context=)/i
// Where a form has one and somebody types another. No country code begins with 0.
const plusPrefix = /^(?:00)?[-+]*\+[-+]*(?:00)?/

/**
 * Returns a phone number as it was pasted, in the characters that a parser of phone numbers knows. Contacts and web pages
 * wrap numbers in marks of direction, write them as `tel:` links, and put country codes in brackets.
 */
export const plainPhoneText = (pasted: string) =>
  withAsciiDigits(pasted.replaceAll(unseen(), ''))
    .replaceAll('%20', ' ')
    .replaceAll(separators(), '-')
    .replaceAll(plusSigns, '+')
    .replaceAll(around(), '')
    .replace(telPrefix, '')
    .replace(plusPrefix, '+')

/** Returns a code as it was pasted or typed, without what is between its digits. */
export const plainCode = (pasted: string) =>
  withAsciiDigits(pasted.replaceAll(unseen(), '')).replaceAll(separators(), '')
