import { describe, expect, test } from 'vitest'
import { contentTypeOf, dispositionOf, inlineTypes } from '../../src/core/content-type'
import { evaluateConditions, isRangeCurrent, type Verdict } from '../../src/core/preconditions'
import { selectRange } from '../../src/core/ranges'
import { documentedOperations } from '../support/check-response'

const etag = '"abc"'
const file = { etag, lastModified: new Date('1994-11-06T08:49:37.500Z') }
const uploaded = 'Sun, 06 Nov 1994 08:49:37 GMT'
const before = 'Sun, 06 Nov 1994 08:49:36 GMT'
const after = 'Sun, 06 Nov 1994 08:49:38 GMT'

describe('conditions (RFC 9110, section 13)', () => {
  test.for<[Record<string, string>, Verdict]>([
    [{}, 'proceed'],

    [{ 'If-Match': '"abc"' }, 'proceed'],
    [{ 'If-Match': '*' }, 'proceed'],
    [{ 'If-Match': ' "x" , "abc"' }, 'proceed'],
    [{ 'If-Match': '"x",, "abc"' }, 'proceed'],
    [{ 'If-Match': '"a,b", "abc"' }, 'proceed'],
    [{ 'If-Match': '"x"' }, 'failed'],
    [{ 'If-Match': 'W/"abc"' }, 'failed'],
    [{ 'If-Match': 'abc' }, 'failed'],
    [{ 'If-Match': '"abc' }, 'failed'],
    [{ 'If-Match': 'x"abc"y' }, 'failed'],
    [{ 'If-Match': '"*"' }, 'failed'],

    [{ 'If-None-Match': '"abc"' }, 'not_modified'],
    [{ 'If-None-Match': 'W/"abc"' }, 'not_modified'],
    [{ 'If-None-Match': '"x", W/"abc"' }, 'not_modified'],
    [{ 'If-None-Match': '*' }, 'not_modified'],
    [{ 'If-None-Match': '"x"' }, 'proceed'],
    [{ 'If-None-Match': 'abc' }, 'proceed'],
    [{ 'If-None-Match': '' }, 'proceed'],

    [{ 'If-Modified-Since': uploaded }, 'not_modified'],
    [{ 'If-Modified-Since': after }, 'not_modified'],
    [{ 'If-Modified-Since': before }, 'proceed'],
    [{ 'If-Modified-Since': 'Sunday, 06-Nov-94 08:49:37 GMT' }, 'not_modified'],
    [{ 'If-Modified-Since': 'Sun Nov  6 08:49:37 1994' }, 'not_modified'],
    [{ 'If-Modified-Since': 'Sun Nov  6 08:49:36 1994' }, 'proceed'],
    [{ 'If-Modified-Since': '2030-01-01' }, 'proceed'],
    [{ 'If-Modified-Since': 'Sun, 99 Nov 2030 08:49:37 GMT' }, 'proceed'],
    [{ 'If-Modified-Since': '9' }, 'proceed'],

    [{ 'If-Unmodified-Since': uploaded }, 'proceed'],
    [{ 'If-Unmodified-Since': after }, 'proceed'],
    [{ 'If-Unmodified-Since': before }, 'failed'],
    [{ 'If-Unmodified-Since': 'yesterday' }, 'proceed'],

    // The order of section 13.2.2: ETags before dates, and what fails before what saves a transfer.
    [{ 'If-Match': '"abc"', 'If-Unmodified-Since': before }, 'proceed'],
    [{ 'If-Match': '"x"', 'If-Unmodified-Since': after }, 'failed'],
    [{ 'If-None-Match': '"x"', 'If-Modified-Since': after }, 'proceed'],
    [{ 'If-None-Match': '"abc"', 'If-Modified-Since': before }, 'not_modified'],
    [{ 'If-Match': '"x"', 'If-None-Match': '"abc"' }, 'failed'],
    [{ 'If-Match': '"abc"', 'If-None-Match': '"abc"' }, 'not_modified'],
    [{ 'If-Unmodified-Since': before, 'If-None-Match': '"abc"' }, 'failed'],
  ])('%j: %s', ([headers, verdict]) => {
    expect(evaluateConditions(new Headers(headers), file)).toBe(verdict)
  })

  test.for<[string, boolean]>([
    ['"abc"', true],
    ['W/"abc"', false],
    ['"x"', false],
    ['"abc", "x"', false],
    ['*', false],
    [uploaded, true],
    [before, false],
    [after, false],
    ['', false],
  ])('If-Range %s: %s', ([value, current]) => {
    expect(isRangeCurrent(new Headers({ 'If-Range': value }), file)).toBe(current)
  })
})

describe('ranges (RFC 9110, section 14)', () => {
  test.for<[string | null, number, ReturnType<typeof selectRange>]>([
    [null, 10, 'whole'],
    ['bytes=0-0', 10, { offset: 0, length: 1 }],
    ['bytes=2-4', 10, { offset: 2, length: 3 }],
    ['bytes=2-', 10, { offset: 2, length: 8 }],
    ['bytes=9-', 10, { offset: 9, length: 1 }],
    ['bytes=0-9', 10, { offset: 0, length: 10 }],
    ['bytes=0-99999999999999999999999', 10, { offset: 0, length: 10 }],
    ['bytes=-3', 10, { offset: 7, length: 3 }],
    ['bytes=-99', 10, { offset: 0, length: 10 }],
    ['BYTES=1-2', 10, { offset: 1, length: 2 }],
    ['bytes= 1-2 ,', 10, { offset: 1, length: 2 }],

    ['bytes=10-', 10, 'unsatisfiable'],
    ['bytes=10-20', 10, 'unsatisfiable'],
    ['bytes=99999999999999999999999-', 10, 'unsatisfiable'],
    ['bytes=-0', 10, 'unsatisfiable'],

    ['bytes=0-1,3-4', 10, 'whole'],
    ['bytes=0-1,90-', 10, 'whole'],
    ['bytes=4-2', 10, 'whole'],
    ['bytes=', 10, 'whole'],
    ['bytes=-', 10, 'whole'],
    ['bytes=a-b', 10, 'whole'],
    ['bytes=1', 10, 'whole'],
    ['bytes=1-2-3', 10, 'whole'],
    ['bytes=+1-2', 10, 'whole'],
    ['bytes 1-2', 10, 'whole'],
    ['items=0-1', 10, 'whole'],
    ['', 10, 'whole'],

    ['bytes=0-', 0, 'unsatisfiable'],
    ['bytes=0-0', 0, 'unsatisfiable'],
    ['bytes=-1', 0, 'whole'],
    ['bytes=-0', 0, 'unsatisfiable'],
  ])('%s of %i bytes: %j', ([header, size, selected]) => {
    expect(selectRange(header, size)).toEqual(selected)
  })
})

const bytes = (text: string) => new Uint8Array(Buffer.from(text, 'latin1'))
const brand = (name: string) => bytes(`\0\0\0\x20ftyp${name}\0\0\0\0`)

describe('content types:', () => {
  test.for<[string, Uint8Array, string]>([
    ['JPEG', bytes('\xff\xd8\xff\xe0\0\x10JFIF'), 'image/jpeg'],
    ['PNG', bytes('\x89PNG\r\n\x1a\n\0\0\0\rIHDR'), 'image/png'],
    ['GIF', bytes('GIF89a\x01\0\x01\0'), 'image/gif'],
    ['WebP', bytes('RIFF\x24\0\0\0WEBPVP8 '), 'image/webp'],
    ['WAV', bytes('RIFF\x24\0\0\0WAVEfmt '), 'audio/wav'],
    ['AVI', bytes('RIFF\x24\0\0\0AVI LIST'), 'application/octet-stream'],
    ['AVIF', brand('avif'), 'image/avif'],
    ['AVIF as mif1', bytes('\0\0\0\x20ftypmif1\0\0\0\0mif1avifmiaf'), 'image/avif'],
    ['HEIC', brand('heic'), 'image/heic'],
    ['HEIC as mif1', bytes('\0\0\0\x20ftypmif1\0\0\0\0mif1heic'), 'image/heic'],
    ['MP4', brand('isom'), 'video/mp4'],
    ['MP4 v2', brand('mp42'), 'video/mp4'],
    ['M4A', brand('M4A '), 'audio/mp4'],
    ['QuickTime', brand('qt  '), 'video/quicktime'],
    ['3GP', brand('3gp4'), 'video/3gpp'],
    ['another ftyp', brand('crx '), 'application/octet-stream'],
    ['WebM', bytes('\x1aE\xdf\xa3\x9fB\x86\x81\x01B\xf7\x81\x01B\xf2\x81\x04B\xf3\x81\x08B\x82\x84webm'), 'video/webm'],
    ['Matroska', bytes('\x1aE\xdf\xa3\x9fB\x86\x81\x01B\x82\x88matroska'), 'video/x-matroska'],
    ['MP3 with tags', bytes('ID3\x04\0\0'), 'audio/mpeg'],
    ['MP3', bytes('\xff\xfb\x90\x64'), 'audio/mpeg'],
    ['AAC', bytes('\xff\xf1\x50\x80'), 'audio/aac'],
    ['Ogg', bytes('OggS\0\x02'), 'audio/ogg'],
    ['FLAC', bytes('fLaC\0\0\0\x22'), 'audio/flac'],
    ['PDF', bytes('%PDF-1.7'), 'application/pdf'],
    ['PDF after a byte order mark', bytes('\xef\xbb\xbf%PDF-1.7'), 'application/pdf'],
    ['PDF after line ends', bytes('\r\n \n%PDF-1.7'), 'application/pdf'],
    ['nothing', bytes(''), 'application/octet-stream'],
    ['HTML', bytes('<!doctype html><script>alert(1)</script>'), 'application/octet-stream'],
    ['PNG in HTML', bytes('<html>\x89PNG\r\n\x1a\n'), 'application/octet-stream'],
  ])('%s is served as its bytes say, whatever is declared', ([, head, contentType]) => {
    for (const declared of [null, 'text/html', 'image/svg+xml', 'image/jpeg; x=y', 'image/png', 'nonsense'])
      expect([declared, contentTypeOf(head, declared)]).toEqual([declared, contentType])
  })

  test.for<[string, string]>([
    ['text/plain', 'text/plain'],
    ['TEXT/Plain; charset=utf-8', 'text/plain'],
    ['application/zip', 'application/zip'],
    [
      'application/vnd.openxmlformats-officedocument.wordprocessingml.document',
      'application/vnd.openxmlformats-officedocument.wordprocessingml.document',
    ],
    ['application/json', 'application/json'],
    ['image/tiff', 'image/tiff'],
    ...[
      'text/html',
      'application/xhtml+xml',
      'image/svg+xml',
      'text/xml',
      'application/xml',
      'application/atom+xml',
      'application/xslt+xml',
      'text/xsl',
      'text/javascript',
      'application/javascript',
      'application/x-javascript',
      'text/javascript1.5',
      'application/ecmascript',
      'text/vbscript',
      'application/wasm',
      'application/hta',
      'application/x-shockwave-flash',
      'message/rfc822',
      'multipart/related',
      'multipart/x-mixed-replace',
      'application/x-www-form-urlencoded',
      'image/png',
      'application/pdf',
      'video/mp4',
      'audio/webm',
      'text',
      'text/',
      '/plain',
      'text/plain, text/html',
      'text/html ',
      'te xt/plain',
      `text/${'x'.repeat(200)}`,
      '',
    ].map((declared): [string, string] => [declared, 'application/octet-stream']),
  ])('text declared as %s is stored as %s', ([declared, contentType]) => {
    expect(contentTypeOf(bytes('just a text'), declared)).toBe(contentType)
  })

  const webm = bytes('\x1aE\xdf\xa3\x9fB\x82\x84webm')

  test.for<[string, Uint8Array, string]>([
    ['audio/webm;codecs=opus', webm, 'audio/webm'],
    ['audio/mp4', brand('iso5'), 'audio/mp4'],
    ['audio/x-m4a', brand('mp42'), 'audio/mp4'],
    ['audio/m4a', brand('isom'), 'audio/mp4'],
    ['audio/mp4a-latm', brand('mp41'), 'audio/mp4'],
    ['Audio/X-M4B; x=y', brand('M4V '), 'audio/mp4'],
    ['audio/aac', brand('mp42'), 'audio/mp4'],
    ['audio/mp4', brand('3gp4'), 'audio/mp4'],
    ['audio/3gpp', brand('3gp4'), 'audio/3gpp'],
    ['audio/aac', bytes('ID3\x04\0\0'), 'audio/aac'],
    ['audio/flac', bytes('ID3\x04\0\0'), 'audio/flac'],
    ['video/ogg', bytes('OggS\0\x02'), 'video/ogg'],
    ['audio/ogg; codecs=opus', bytes('OggS\0\x02'), 'audio/ogg'],
    ['audio/opus', bytes('OggS\0\x02'), 'audio/ogg'],
    ['audio/x-m4r', brand('mp42'), 'audio/mp4'],
    ['audio/x-mp4', brand('mp42'), 'audio/mp4'],
    ['audio/mpeg4-generic', brand('isom'), 'audio/mp4'],
    ['audio/amr', brand('3gp4'), 'audio/3gpp'],
    ['audio/amr-wb', brand('3gp5'), 'audio/3gpp'],
    ['audio/3gpp2', brand('3g2a'), 'audio/3gpp2'],
    ['audio/quicktime', brand('qt  '), 'audio/quicktime'],
    ['audio/x-matroska', webm, 'audio/webm'],
    ['audio/weba', webm, 'audio/webm'],
    // Of another container, because the browser recorded what it could.
    ['audio/webm', brand('iso5'), 'audio/mp4'],
    ['audio/mpeg', brand('mp42'), 'audio/mp4'],
    ['audio/mp4', webm, 'audio/webm'],
    ['audio/ogg', webm, 'audio/webm'],
    // The other way around, nothing says that there is a picture.
    ['video/mp4', brand('M4A '), 'audio/mp4'],
    ['video/webm', brand('isom'), 'video/mp4'],
  ])('what is declared as %s decides what is in a shared container', ([declared, head, contentType]) => {
    expect(contentTypeOf(head, declared)).toBe(contentType)
  })

  test.for<[string, Uint8Array, string]>([
    ['application/pdf', bytes(`${'x'.repeat(1_000)}%PDF-1.4`), 'application/pdf'],
    ['application/pdf', bytes(`${'x'.repeat(1_100)}%PDF-1.4`), 'application/octet-stream'],
    ['text/plain', bytes('What is in %PDF-1.4?'), 'text/plain'],
    ['video/mp4', brand('new1'), 'video/mp4'],
    ['video/mp4', bytes('\0\0\0\x08free'), 'video/mp4'],
    ['video/mp4', bytes('\0\0\0\x18stypmsdh'), 'video/mp4'],
    ['audio/x-m4b', bytes('\0\0\x10\0moov'), 'audio/mp4'],
    ['video/quicktime', bytes('\0\0\x10\0moov'), 'video/quicktime'],
    ['audio/aac', bytes('V\xe0\x10'), 'audio/aac'],
    ['application/pdf', bytes('\0\0%PDF-1.4'), 'application/pdf'],
    ['audio/mpeg', bytes('\0\0\0\xff\xfd\x90'), 'audio/mpeg'],
    ['audio/x-wav', bytes('RF64\xff\xff\xff\xffWAVEds64'), 'audio/wav'],
    ['audio/mpeg', bytes('just a text'), 'application/octet-stream'],
    ['image/png', brand('new1'), 'application/octet-stream'],
    ['audio/x-m4a', bytes('just a text'), 'application/octet-stream'],
    ['audio/quicktime', bytes('just a text'), 'audio/quicktime'],
    ['image/heic', bytes('\0\0\x10\0moov'), 'application/octet-stream'],
  ])('a declared %s is kept as far as its readers accept the bytes', ([declared, head, contentType]) => {
    expect(contentTypeOf(head, declared)).toBe(contentType)
  })

  test('those that are shown in place are in the document, and no others', () => {
    const [operation] = documentedOperations.filter(({ operationId }) => operationId === 'getFile')
    const text = JSON.stringify(operation?.responses['200'])
    for (const type of inlineTypes) expect(text).toContain(`\`${type}\``)
    const types = [
      'video/quicktime',
      'video/3gpp',
      'image/heic',
      'application/pdf',
      'image/svg+xml',
      'video/x-matroska',
    ]
    for (const type of types) expect(dispositionOf(type, 'a')).toBe('attachment; filename=a')
    for (const type of inlineTypes) expect(dispositionOf(type, 'a')).toBe('inline; filename=a')
  })
})

describe('Content-Disposition (RFC 6266)', () => {
  test.for<[string, string, string]>([
    ['image/png', 'a.png', 'inline; filename=a.png'],
    ['image/heic', 'a.heic', 'attachment; filename=a.heic'],
    ['application/pdf', 'a b.pdf', 'attachment; filename="a b.pdf"'],
    ['image/svg+xml', 'x"y\\z.svg', 'attachment; filename="x\\"y\\\\z.svg"'],
    [
      'text/plain',
      'naïve 😀.txt',
      `attachment; filename="na?ve ??.txt"; filename*=UTF-8''na%C3%AFve%20%F0%9F%98%80.txt`,
    ],
    ['text/plain', 'a%20b.txt', `attachment; filename=a%20b.txt; filename*=UTF-8''a%2520b.txt`],
    [
      'text/plain',
      'a\r\nSet-Cookie: x',
      `attachment; filename="a??Set-Cookie: x"; filename*=UTF-8''a%0D%0ASet-Cookie%3A%20x`,
    ],
  ])('is right for %s named %j', ([contentType, name, value]) => {
    expect(dispositionOf(contentType, name)).toBe(value)
  })
})
