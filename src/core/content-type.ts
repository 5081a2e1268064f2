import { create } from 'content-disposition'
import { limits } from './limits'

/**
 * What the first bytes reveal, read as Latin-1, one character per byte. A custom table, because a dozen types decide
 * how a file is served, while the libraries for this read hundreds, archives included, from bytes that a stranger
 * chose.
 */
const signatures: [contentType: string, ...marks: [offset: number, bytes: string][]][] = [
  ['image/jpeg', [0, '\xff\xd8\xff']],
  ['image/png', [0, '\x89PNG\r\n\x1a\n']],
  ['image/gif', [0, 'GIF87a']],
  ['image/gif', [0, 'GIF89a']],
  ['image/webp', [0, 'RIFF'], [8, 'WEBP']],
  ['audio/wav', [0, 'RIFF'], [8, 'WAVE']],
  ['audio/ogg', [0, 'OggS']],
  ['audio/flac', [0, 'fLaC']],
  ['audio/mpeg', [0, 'ID3']],
  // MPEG audio frames of layer III (versions 1, 2, and 2.5, with and without a checksum), and AAC in ADTS.
  ...['\xfb', '\xfa', '\xf3', '\xf2', '\xe3', '\xe2'].map((byte) => mark('audio/mpeg', `\xff${byte}`)),
  ...['\xf1', '\xf9'].map((byte) => mark('audio/aac', `\xff${byte}`)),
]

function mark(contentType: string, bytes: string): [string, [number, string]] {
  return [contentType, [0, bytes]]
}

/** The major brands of ISO base media files (ISO/IEC 14496-12). The first match wins. */
const brands: [RegExp, string][] = [
  [/^(avif|avis)/, 'image/avif'],
  [/^(mif1|msf1|miaf).*avi[fs]/s, 'image/avif'],
  [/^(mif1|msf1|miaf|hei[cxms]|hev[cxms])/, 'image/heic'],
  [/^(M4A |M4B |M4P )/, 'audio/mp4'],
  [/^qt {2}/, 'video/quicktime'],
  [/^3g[2gp]/, 'video/3gpp'],
  [/^(iso[m2-9]|mp4[12]|mmp4|avc1|M4V|MSNV|dash|cmf[c2]|f4v )/, 'video/mp4'],
]

const matroska = '\x1aE\xdf\xa3'
const startBytes = 64

// Tools put a byte order mark or line ends in front, and all readers skip them.
const pdf = /^(?:\xef\xbb\xbf)?\s*%PDF-/

function detect(head: string): string | undefined {
  const start = head.slice(0, startBytes)
  if (pdf.test(head)) return 'application/pdf'
  if (start.startsWith('ftyp', 4)) return brands.find(([brand]) => brand.test(start.slice(8)))?.[1]
  if (start.startsWith(matroska)) return start.includes('webm') ? 'video/webm' : 'video/x-matroska'
  return signatures.find(([, ...marks]) => marks.every(([offset, bytes]) => start.startsWith(bytes, offset)))?.[0]
}

/** Names that are in use for one type. */
const aliases: [RegExp, string][] = [
  [/^audio\/(x-)?(m4[abpr]|mp(eg)?4)/, 'audio/mp4'],
  [/^audio\/(x-)?(mp3|mpeg)$/, 'audio/mpeg'],
  [/^audio\/(x-)?aacp?$/, 'audio/aac'],
  [/^audio\/x-flac$/, 'audio/flac'],
  [/^audio\/(x-|vnd\.)?wave?$/, 'audio/wav'],
  [/^audio\/matroska$/, 'audio/x-matroska'],
  [/^video\/(x-)?m4v$/, 'video/mp4'],
  [/^application\/x-pdf$/, 'application/pdf'],
]

const canonical = (named: string) => aliases.find(([names]) => names.test(named))?.[1] ?? named

const soundIn: Record<string, string> = {
  'video/mp4': 'audio/mp4',
  'video/3gpp': 'audio/mp4',
  'video/quicktime': 'audio/quicktime',
  'video/webm': 'audio/webm',
  'video/x-matroska': 'audio/x-matroska',
}

/**
 * What is in a container only its creator knows: voice messages are recorded as these. Their creators also declare the
 * sound of another container, because not every browser records the one that they ask for.
 */
function inContainer(detected: string, declared: string): string {
  if (detected === 'audio/ogg' && declared === 'video/ogg') return declared
  if (detected === 'video/3gpp' && /^audio\/(?:3gpp|amr)/.test(declared)) return declared.replace(/amr.*/, '3gpp')
  return declared.startsWith('audio/') ? (soundIn[detected] ?? detected) : detected
}

// The boxes that can be first.
const movie = /^.{4}(?:[fs]typ|moov|moof|mdat|wide|free|skip|pnot|uuid)/s

/** Beginnings that detection does not know, and that readers of a type accept: a declared type that they fit is kept. */
const fitting: Record<string, RegExp> = {
  'application/pdf': /%PDF-/,
  'video/mp4': movie,
  'audio/mp4': movie,
  'video/3gpp': movie,
  'video/quicktime': movie,
  'image/heic': /^.{4}ftyp/s,
  'audio/mpeg': /^\0*\xff[\xe2-\xef\xf2-\xf7\xfa-\xff]/,
  'audio/aac': /^(?:ADIF|\xff[\xf0\xf8]|V[\xe0-\xff])/,
  'audio/wav': /^(?:RF64|RIFX|BW64).{4}WAVE/s,
}
const fittingBytes = 1024

/** Tags that stand before the sound of several types. */
const tagged = new Set(['audio/aac', 'audio/flac'])

const shownByBytes = new Set([
  ...signatures.map(([contentType]) => contentType),
  ...brands.map(([, contentType]) => contentType),
  ...['application/pdf', 'audio/webm', 'video/webm', 'audio/x-matroska', 'video/x-matroska', 'video/ogg'],
])

const fallback = 'application/octet-stream'

// RFC 6838, section 4.2, without parameters.
const mediaType = /^([a-z0-9][a-z0-9!#$&^_.+-]*\/[a-z0-9][a-z0-9!#$&^_.+-]*)[ \t]*(?:;|$)/

/** Words of types that a browser executes or renders with scripts, and of types that are not those of files. */
const active =
  /(?:^|[/.+-])(?:x?html?|mhtml|xml|xsl|xslt|svg|mathml|(?:java|ecma|j|live|vb)script[\d.]*|wasm|hta|shockwave|swf|form|urlencoded|multipart|message)(?=$|[/.+-])/

function harmless(declared: string | null): string {
  const essence = mediaType.exec((declared ?? '').trim().toLowerCase())?.[1]
  if (!essence || essence.length > limits.contentTypeCharactersMax) return fallback
  return active.test(essence) || shownByBytes.has(canonical(essence)) ? fallback : essence
}

/**
 * Returns the content type to store: what the bytes reveal, or else what was declared, if bytes need not reveal it and
 * it is harmless.
 */
export function contentTypeOf(bytes: Uint8Array, declared: string | null): string {
  const head = Buffer.from(bytes.subarray(0, fittingBytes)).toString('latin1')
  const detected = detect(head)
  const essence = canonical(declared?.split(';')[0]?.trim().toLowerCase() ?? '')
  if (head.startsWith('ID3') && tagged.has(essence)) return essence
  if (detected) return inContainer(detected, essence)
  return fitting[essence]?.test(head) ? essence : harmless(declared)
}

/** What browsers display inline, because nothing in it executes. Everything else is downloaded. */
export const inlineTypes: readonly string[] = [
  'image/jpeg',
  'image/png',
  'image/gif',
  'image/webp',
  'image/avif',
  'video/mp4',
  'video/webm',
  'video/ogg',
  'audio/mpeg',
  'audio/mp4',
  'audio/webm',
  'audio/ogg',
  'audio/wav',
  'audio/aac',
  'audio/flac',
]

/** The `Content-Disposition` (RFC 6266) of a file. */
export const dispositionOf = (contentType: string, name: string) =>
  create(name, { type: inlineTypes.includes(contentType) ? 'inline' : 'attachment' })
