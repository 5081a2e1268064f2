import type { MiddlewareHandler } from 'hono'
import { routePath } from 'hono/route'
import type { AppEnv } from '../http/app-env'

/** What opens something, or names somebody, by its looks: refresh tokens and tickets, JWTs, signatures of links, phone numbers. */
const telling = /\b(?:rt|tk)_[\w.-]+|\beyJ[\w-]+\.[\w-]*\.?[\w-]*|(?<=signature=)[\w-]+|(?:\+|%2B)[1-9]\d{6,14}/g

/**
 * One structured line. Never pass a token, a code, a signed URL, a text or a whole phone number; what an error of
 * somebody else's brings along is taken out.
 */
export function log(level: 'info' | 'warn' | 'error', event: string, fields: Record<string, unknown> = {}) {
  console[level](JSON.stringify({ level, event, ...fields }).replaceAll(telling, '…'))
}

/** An error for the log: its name, message and stack. */
export const errorFields = (error: unknown) =>
  error instanceof Error ? { error: error.name, message: error.message, stack: error.stack } : { error: String(error) }

/** One line a request, with the route's template in place of the path: ids and signed queries stay out of the log. */
export const requestLog: MiddlewareHandler<AppEnv> = async (c, next) => {
  const startedAt = Date.now()
  await next()
  log('info', 'request', {
    requestId: c.get('requestId'),
    method: c.req.method,
    route: routePath(c, -1),
    status: c.res.status,
    code: c.get('problemCode'),
    userId: c.get('session')?.userId,
    sessionId: c.get('session')?.sessionId,
    durationMs: Date.now() - startedAt,
  })
}
