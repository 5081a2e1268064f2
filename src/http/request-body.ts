import type { MiddlewareHandler } from 'hono'
import { bodyLimit } from 'hono/body-limit'
import { createMiddleware } from 'hono/factory'
import { problem } from '../core/errors'
import { limits } from '../core/limits'

const unsupported = (detail: string, headers?: Record<string, string>) =>
  problem('unsupported_media_type', { detail, ...(headers && { headers }) })

/** Refuses an encoded body (RFC 9110, section 8.4): what is in it would be stored or parsed as it is. */
export const identityOnly: MiddlewareHandler = createMiddleware(async (c, next) => {
  const codings = (c.req.header('Content-Encoding') ?? '').split(',').map((coding) => coding.trim().toLowerCase())
  if (codings.some((coding) => coding !== '' && coding !== 'identity'))
    throw unsupported('Send the body without a content encoding.', { 'Accept-Encoding': 'identity' })
  await next()
})

const utf8 = /^(?:utf-8|"utf-8"|utf8|"utf8")$/

/** JSON is UTF-8 (RFC 8259, section 8.1), whatever a parameter says that has no meaning for it. */
const namesAnotherCharset = (contentType: string) =>
  contentType
    .toLowerCase()
    .split(';')
    .map((parameter) => parameter.trim().split(/\s*=\s*/))
    .some(([name, value = '']) => name === 'charset' && !utf8.test(value))

function checkUtf8(body: ArrayBuffer) {
  try {
    new TextDecoder('utf-8', { fatal: true, ignoreBOM: false }).decode(body)
  } catch (cause) {
    throw problem('malformed_json', { detail: 'The body is not UTF-8.', cause })
  }
}

const withinLimit = bodyLimit({
  maxSize: limits.jsonBodyBytesMax,
  onError: () => {
    throw problem('payload_too_large', { detail: `At most ${limits.jsonBodyBytesMax} bytes.` })
  },
})

/**
 * Admits JSON in UTF-8. Without a content type, the validator would see no body at all, and a schema of optional fields
 * would accept that; and bytes that are no UTF-8 would be replaced without a word.
 */
export const jsonOnly: MiddlewareHandler = createMiddleware((c, next) => {
  const contentType = c.req.header('Content-Type')
  if (!contentType) throw unsupported('Send application/json.')
  if (namesAnotherCharset(contentType)) throw unsupported('JSON is UTF-8: send no charset, or utf-8.')
  return withinLimit(c, async () => {
    checkUtf8(await c.req.arrayBuffer())
    await next()
  })
})
