import { createHash } from 'node:crypto'
import { swaggerUI } from '@hono/swagger-ui'
import { type Handler, Hono, type MiddlewareHandler } from 'hono'
import { problem } from '../core/errors'
import { isListed } from '../core/preconditions'
import type { AppEnv } from './app-env'

const policy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  // Swagger UI shows a downloaded picture as a blob.
  "img-src 'self' data: blob:",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ')

const docsHtml = `
<link rel="stylesheet" href="/docs/swagger-ui.css">
<link rel="stylesheet" href="/docs/docs.css">
<nav><a href="/docs/reading.html">Reading view</a></nav>
<div id="swagger-ui"></div>
<script src="/docs/swagger-ui-bundle.js"></script>
<script src="/docs/initializer.js"></script>
`

const docs = swaggerUI<AppEnv>({ title: 'Big Project', url: '/openapi.json', manuallySwaggerUIHtml: () => docsHtml })

interface CommittedDocument {
  /** Up to its list of servers. */
  head: string
  /** From the first server on. */
  tail: string
  hash: Buffer
}

let openApi: CommittedDocument | undefined

/** Cannot be inside a string of the document, where quotes are escaped. */
const serversStart = '"servers": [\n'

/**
 * The OpenAPI document, read once per isolate. It is the file that is committed, which a test compares with the routes: to
 * make it here, the Worker would have to carry what only documents need.
 */
async function readDocument({ ASSETS }: Env): Promise<CommittedDocument> {
  if (openApi) return openApi
  const response = await ASSETS.fetch('https://assets.local/openapi.json')
  if (!response.ok) throw new Error('The OpenAPI document is not among the assets')
  const text = await response.text()
  const start = text.indexOf(serversStart) + serversStart.length
  openApi = { head: text.slice(0, start), tail: text.slice(start), hash: createHash('sha256').update(text).digest() }
  return openApi
}

/** The document with the server that serves it before the others, because many tools know no other than the first. */
function servedAt(origin: string, { head, tail, hash }: CommittedDocument) {
  const etag = `"${createHash('sha256').update(hash).update(origin).digest('base64url')}"`
  const url = `    {\n      "url": ${JSON.stringify(origin)},\n`
  const own = `${url}      "description": "The server that serves this document."\n    },\n`
  return { etag, text: head + (tail.startsWith(url) ? '' : own) + tail }
}

const serveDocument: Handler<AppEnv> = async (c) => {
  const { text, etag } = servedAt(new URL(c.req.url).origin, await readDocument(c.env))
  c.header('ETag', etag)
  c.header('Cache-Control', 'no-cache')
  if (isListed(c.req.header('If-None-Match') ?? '', etag, 'weak')) return c.body(null, 304)
  return c.body(text, 200, { 'Content-Type': 'application/json' })
}

const asPage: MiddlewareHandler<AppEnv> = async (c, next) => {
  await next()
  c.header('Content-Security-Policy', policy)
  c.header('Cache-Control', 'no-cache')
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
  app.get('/docs', asPage, docs)
  app.get('/docs/reading.html', asPage, serveAsset)
  app.get('/docs/:file', serveAsset)
  for (const path of new Set(app.routes.map((route) => route.path))) app.all(path, refuseMethod)
  return app
}
