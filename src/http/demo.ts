import { type Context, type Handler, Hono, type MiddlewareHandler } from 'hono'
import { readConfig } from '../settings/config'
import type { AppEnv } from './app-env'
import { refuseMethod, serveAsset } from './pages'

/** `'self'` covers a WebSocket in most browsers but not in all, so it is named. */
function policyFor(c: Context<AppEnv>) {
  const { host, protocol } = new URL(c.req.url)
  return [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "img-src 'self' blob:",
    `connect-src 'self' ${protocol.replace('http', 'ws')}//${host}`,
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
    "require-trusted-types-for 'script'",
    "trusted-types 'none'",
  ].join('; ')
}

const inDevelopment: MiddlewareHandler<AppEnv> = async (c, next) =>
  readConfig(c.env).ENVIRONMENT === 'development' ? next() : c.notFound()

const servePage: Handler<AppEnv> = async (c) => {
  const page = await c.env.ASSETS.fetch(new URL('/demo/index.html', c.req.url))
  if (!page.ok) return c.notFound()
  const response = new Response(page.body, page)
  response.headers.set('Content-Security-Policy', policyFor(c))
  return response
}

/**
 * Serves the chat of examples/web-chat, which only `npm start` builds: when deployed, there is nothing at these paths.
 */
export const demo = new Hono<AppEnv>()
  .get('/demo', inDevelopment, servePage)
  .get('/demo/:file', inDevelopment, serveAsset)
  .all('/demo', inDevelopment, refuseMethod)
  .all('/demo/:file', inDevelopment, refuseMethod)
