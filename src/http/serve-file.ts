import type { Context } from 'hono'
import * as files from '../../repositories/files'
import { dispositionOf } from '../core/content-type'
import { problem } from '../core/errors'
import { evaluateConditions, isRangeCurrent } from '../core/preconditions'
import { selectRange } from '../core/ranges'
import type { AppEnv } from './app-env'

/** Whatever the bytes are, nothing in them executes: neither as a page of this origin nor with anyone's cookies. */
const protection = {
  'Content-Security-Policy': "default-src 'none'; sandbox",
  'X-Content-Type-Options': 'nosniff',
  'Cross-Origin-Resource-Policy': 'cross-origin',
}

/** Returns the requested part. HEAD does not support ranges (RFC 9110, section 14.2). */
function selected(c: Context<AppEnv>, file: files.StoredFile) {
  const { headers, method } = c.req.raw
  const isRanged = method === 'GET' && isRangeCurrent(headers, file)
  const range = isRanged ? selectRange(headers.get('Range'), file.size) : 'whole'
  if (range !== 'unsatisfiable') return range
  throw problem('range_not_satisfiable', { headers: { 'Content-Range': `bytes */${file.size}` } })
}

/** Responds to a GET or HEAD request for a file, according to its preconditions and its range. */
export async function serveFile(
  c: Context<AppEnv>,
  file: files.StoredFile | null,
  cacheControl: string,
): Promise<Response> {
  if (!file) throw problem('file_not_found')
  const verdict = evaluateConditions(c.req.raw.headers, file)
  if (verdict === 'failed') throw problem('precondition_failed')
  const known = { ETag: file.etag, 'Last-Modified': file.lastModified.toUTCString(), 'Cache-Control': cacheControl }
  if (verdict === 'not_modified') return c.body(null, 304, known)

  const range = selected(c, file)
  const { offset, length } = range === 'whole' ? { offset: 0, length: file.size } : range
  const status = range === 'whole' ? 200 : 206
  const headers = {
    ...protection,
    ...known,
    'Accept-Ranges': 'bytes',
    'Content-Type': file.contentType,
    'Content-Length': String(length),
    'Content-Disposition': dispositionOf(file.contentType, file.name),
    ...(range !== 'whole' && { 'Content-Range': `bytes ${offset}-${offset + length - 1}/${file.size}` }),
  }
  if (length === 0 || c.req.method === 'HEAD') return c.body(null, status, headers)
  const body = await files.read(c.env.FILES, file.key, { offset, length })
  if (!body) throw problem('file_not_found')
  return c.body(body, status, headers)
}
