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

interface ServedDocument {
  text: string
  etag: string
}

let openApi: ServedDocument | undefined

/**
 * The OpenAPI document, read once per isolate. It is the file that is committed, which a test compares with the routes: to
 * make it here, the Worker would have to carry what only documents need.
 */
async function readDocument({ ASSETS }: Env): Promise<ServedDocument> {
  if (openApi) return openApi
  const response = await ASSETS.fetch('https://assets.local/openapi.json')
  if (!response.ok) throw new Error('The OpenAPI document is not among the assets')
  const text = await response.text()
  openApi = { text, etag: `"${createHash('sha256').update(text).digest('base64url')}"` }
  return openApi
}

const serveDocument: Handler<AppEnv> = async (c) => {
  const { text, etag } = await readDocument(c.env)
  c.header('ETag', etag)
  c.header('Cache-Control', 'no-cache')
  if (isListed(c.req.header('If-None-Match') ?? '', etag, 'weak')) return c.body(null, 304)
  return c.body(text, 200, { 'Content-Type': 'application/json' })
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
export function pages(): Hono<AppEnv> {
  const app = new Hono<AppEnv>()
  app.get('/', (c) => c.redirect('/docs', 308))
  app.get('/favicon.ico', (c) => c.redirect('/docs/favicon-32x32.png', 308))
  app.get('/openapi.json', serveDocument)
  app.get('/docs', serveDocs)
  app.get('/docs/:file', serveAsset)
  for (const path of new Set(app.routes.map((route) => route.path))) app.all(path, refuseMethod)
  return app
}
