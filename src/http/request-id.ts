import type { MiddlewareHandler } from 'hono'
import { withoutSecrets } from '../core/log'
import type { AppEnv } from './app-env'

const header = 'X-Request-Id'

// UUIDs, ULIDs, and the ids of tracing systems; nothing that could be mistaken for another part of a log line.
const wellFormed = /^[\w-]{1,64}$/

/**
 * Names each request by an id of our own, so that no client chooses what the log and the responses say. An id that the
 * client sent is logged beside it.
 */
export const requestId: MiddlewareHandler<AppEnv> = async (c, next) => {
  const id = crypto.randomUUID()
  const given = c.req.header(header)
  c.set('requestId', id)
  if (given !== undefined && wellFormed.test(given)) c.set('givenRequestId', withoutSecrets(given))
  await next()
  c.res.headers.set(header, id)
}
