import { createHash } from 'node:crypto'
import { swaggerUI } from '@hono/swagger-ui'
import { type Handler, Hono } from 'hono'
import { problem } from '../core/errors'
import { isListed } from '../core/preconditions'
import type { AppEnv } from './app-env'

const policy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data:",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ')

const docsHtml = `
<link rel="stylesheet" href="/docs/swagger-ui.css">
<link rel="stylesheet" href="/docs/docs.css">
<div id="swagger-ui"></div>
<script src="/docs/swagger-ui-bundle.js"></script>
<script src="/docs/initializer.js"></script>
`

const docs = swaggerUI<AppEnv>({ title: 'Big Project', url: '/openapi.json', manuallySwaggerUIHtml: () => docsHtml })

const etagOf = (text: string) => `"${createHash('sha256').update(text).digest('base64url')}"`

function serveDocument(documentText: () => string): Handler<AppEnv> {
  let etag: string | undefined
  return (c) => {
    const text = documentText()
    etag ??= etagOf(text)
    c.header('ETag', etag)
    c.header('Cache-Control', 'no-cache')
    if (isListed(c.req.header('If-None-Match') ?? '', etag, 'weak')) return c.body(null, 304)
    return c.body(text, 200, { 'Content-Type': 'application/json' })
  }
}

const serveDocs: Handler<AppEnv> = (c, next) => {
  c.header('Content-Security-Policy', policy)
  c.header('Cache-Control', 'no-cache')
  return docs(c, next)
}

export const serveAsset: Handler<AppEnv> = async (c) => {
  const response = await c.env.ASSETS.fetch(c.req.raw)
  return response.status === 404 ? c.notFound() : new Response(response.body, response)
}

export const refuseMethod: Handler<AppEnv> = () => {
  throw problem('method_not_allowed', { headers: { Allow: 'GET, HEAD, OPTIONS' } })
}

/** What people open in a browser: the document, and Swagger UI for it, without requests to any other host. */
export function pages(documentText: () => string): Hono<AppEnv> {
  const app = new Hono<AppEnv>()
  app.get('/', (c) => c.redirect('/docs', 308))
  app.get('/favicon.ico', (c) => c.redirect('/docs/favicon-32x32.png', 308))
  app.get('/openapi.json', serveDocument(documentText))
  app.get('/docs', serveDocs)
  app.get('/docs/:file', serveAsset)
  for (const path of new Set(app.routes.map((route) => route.path))) app.all(path, refuseMethod)
  return app
}
