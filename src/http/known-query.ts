import type { MiddlewareHandler } from 'hono'
import { createMiddleware } from 'hono/factory'
import { type InputError, problem } from '../core/errors'
import { unknownField } from '../core/problem-body'
import type { AppEnv } from './app-env'

const isDecodable = (search: string) => {
  try {
    decodeURIComponent(search)
    return true
  } catch {
    return false
  }
}

const refuse = (errors: InputError[]) =>
  problem('invalid_request', { detail: `${errors[0]?.pointer}: ${errors[0]?.detail}`, errors })

/**
 * Refuses queries that would be read otherwise than they were meant: parameters that the operation does not have, and
 * percent-encoding that is no UTF-8. What somebody appends to a signed link is ignored, because it is not signed.
 */
export const knownQuery = (names: readonly string[] | 'checked'): MiddlewareHandler<AppEnv> =>
  createMiddleware<AppEnv>(async (c, next) => {
    const search = c.req.url.split('?', 2)[1]
    if (search && c.get('linkReader') === undefined) {
      if (!isDecodable(search))
        throw refuse([{ pointer: '/query', code: 'custom', detail: 'Must be percent-encoded UTF-8.' }])
      const given = [...new Set(new URLSearchParams(search).keys())]
      const unknown = given.filter((name) => name === '' || (names !== 'checked' && !names.includes(name)))
      if (unknown.length > 0) throw refuse(unknown.map((name) => unknownField('/query', name)))
    }
    await next()
  })
