import type { MiddlewareHandler } from 'hono'
import type { AppEnv } from './app-env'

const policies = Object.entries({
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Resource-Policy': 'cross-origin',
  'Origin-Agent-Cluster': '?1',
  'Referrer-Policy': 'no-referrer',
  'Strict-Transport-Security': 'max-age=31536000; includeSubDomains',
  'X-Content-Type-Options': 'nosniff',
  'X-DNS-Prefetch-Control': 'off',
  'X-Download-Options': 'noopen',
  'X-Frame-Options': 'DENY',
  'X-Permitted-Cross-Domain-Policies': 'none',
  'X-XSS-Protection': '0',
})

/**
 * Sets the security headers of every response. They are set on the finished response: Hono copies one that meets headers
 * from before it, and its body with it.
 */
export const responseHeaders: MiddlewareHandler<AppEnv> = async (c, next) => {
  await next()
  const { headers, status } = c.res
  for (const [name, value] of policies) headers.set(name, value)
  // Pages and files set their own.
  if (!headers.has('Content-Security-Policy'))
    headers.set('Content-Security-Policy', "default-src 'none'; frame-ancestors 'none'")
  // Responses are personal, and some contain tokens. Whatever can be cached says so itself.
  const isPersonal = status !== 101 && c.req.path.startsWith('/v1/')
  if (isPersonal && !headers.has('Cache-Control')) headers.set('Cache-Control', 'no-store')
}
