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
    "worker-src 'self'",
    "style-src 'self'",
    "img-src 'self' blob:",
    `connect-src 'self' ${protocol.replace('http', 'ws')}//${host}`,
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
    "require-trusted-types-for 'script'",
    // For the address of the service worker alone.
    'trusted-types service-worker',
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

/** It may fetch what it keeps, and control no page but `/demo`, which is above its own folder. */
const serveServiceWorker: Handler<AppEnv> = async (c, next) => {
  const response = await serveAsset(c, next)
  if (!(response instanceof Response) || !response.ok) return response
  response.headers.set('Service-Worker-Allowed', '/demo')
  response.headers.set('Cache-Control', 'no-cache')
  response.headers.set('Content-Security-Policy', "default-src 'none'; connect-src 'self'")
  return response
}

/**
 * Serves the chat of examples/web-chat, which only `npm start` builds: when deployed, there is nothing at these paths.
 */
export const demo = new Hono<AppEnv>()
  .get('/demo', inDevelopment, servePage)
  .get('/demo/service-worker.js', inDevelopment, serveServiceWorker)
  .get('/demo/:file', inDevelopment, serveAsset)
  .all('/demo', inDevelopment, refuseMethod)
  .all('/demo/:file', inDevelopment, refuseMethod)
