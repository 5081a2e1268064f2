import type { MiddlewareHandler } from 'hono'
import { routePath } from 'hono/route'
import { events } from '../core/events'
import { readConfig } from '../settings/config'
import { sessionHash } from '../settings/signing'
import type { AppEnv } from './app-env'

/**
 * Logs one line per request, with the route's template in place of the path: ids and signed queries stay out of the
 * log.
 */
export const requestLog: MiddlewareHandler<AppEnv> = async (c, next) => {
  const startedAt = Date.now()
  await next()
  const session = c.get('session')
  events.request({
    requestId: c.get('requestId'),
    givenRequestId: c.get('givenRequestId'),
    method: c.req.method,
    route: routePath(c, -1),
    status: c.res.status,
    code: c.get('problemCode'),
    userId: session?.userId,
    session: session && sessionHash(readConfig(c.env), session.sessionId),
    durationMs: Date.now() - startedAt,
  })
}
