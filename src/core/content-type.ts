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
  ['application/pdf', [0, '%PDF-']],
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

function detect(head: Uint8Array): string | undefined {
  const start = Buffer.from(head.subarray(0, startBytes)).toString('latin1')
  if (start.startsWith('ftyp', 4)) return brands.find(([brand]) => brand.test(start.slice(8)))?.[1]
  if (start.startsWith(matroska)) return start.includes('webm') ? 'video/webm' : 'video/x-matroska'
  return signatures.find(([, ...marks]) => marks.every(([offset, bytes]) => start.startsWith(bytes, offset)))?.[0]
}

/** A container can also hold only audio, which only its creator knows: voice messages are recorded as these. */
const soundAlone: Record<string, string> = {
  'audio/mp4': 'video/mp4',
  'audio/webm': 'video/webm',
  'audio/x-matroska': 'video/x-matroska',
}

const shownByBytes = new Set([
  ...signatures.map(([contentType]) => contentType),
  ...brands.map(([, contentType]) => contentType),
  ...Object.entries(soundAlone).flat(),
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
  return active.test(essence) || shownByBytes.has(essence) ? fallback : essence
}

/**
 * Returns the content type to store: what the bytes reveal, or else what was declared, if bytes need not reveal it and
 * it is harmless.
 */
export function contentTypeOf(head: Uint8Array, declared: string | null): string {
  const detected = detect(head)
  const essence = declared?.split(';')[0]?.trim().toLowerCase() ?? ''
  if (detected && soundAlone[essence] === detected) return essence
  return detected ?? harmless(declared)
}

/** What browsers display inline, because nothing in it executes. Everything else is downloaded. */
const inline = new Set([
  'image/jpeg',
  'image/png',
  'image/gif',
  'image/webp',
  'image/avif',
  'video/mp4',
  'video/webm',
  'audio/mpeg',
  'audio/mp4',
  'audio/webm',
  'audio/ogg',
  'audio/wav',
  'audio/aac',
  'audio/flac',
])

/** The `Content-Disposition` (RFC 6266) of a file. */
export const dispositionOf = (contentType: string, name: string) =>
  create(name, { type: inline.has(contentType) ? 'inline' : 'attachment' })
