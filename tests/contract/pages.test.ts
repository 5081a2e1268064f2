import { env, exports } from 'cloudflare:workers'
import { describe, expect, test } from 'vitest'
import { documentText } from '../../openapi/document'
import { send } from '../support/call'
import { productionSettings } from '../support/production'

const open = (path: string, init?: RequestInit) =>
  exports.default.fetch(`http://localhost${path}`, { redirect: 'manual', ...init })

test('the document has a strong ETag and is not sent again to a client that has it', async () => {
  const first = await open('/openapi.json')
  const etag = first.headers.get('ETag') ?? ''
  expect(first.headers.get('Content-Type')).toBe('application/json')
  expect(first.headers.get('Cache-Control')).toBe('no-cache')
  expect(etag).toMatch(/^"[\w-]+"$/)
  await first.body?.cancel()

  for (const condition of [etag, `"other", W/${etag}`, '*']) {
    const again = await open('/openapi.json', { headers: { 'If-None-Match': condition } })
    expect(again.status).toBe(304)
    expect(await again.text()).toBe('')
    expect(again.headers.get('ETag')).toBe(etag)
    expect(again.headers.get('X-Request-Id')).toBeTruthy()
  }
  expect((await open('/openapi.json', { headers: { 'If-None-Match': '"other"' } })).status).toBe(200)
})

describe('the served document', () => {
  const at = (origin: string, init?: RequestInit) => exports.default.fetch(`${origin}/openapi.json`, init)

  test('puts its own server before those of the committed one, and is otherwise equal byte for byte', async () => {
    const committed: { servers: object[] } = JSON.parse(documentText())
    for (const origin of ['https://api.example.com', 'http://127.0.0.1:9000']) {
      const own = { url: origin, description: 'The server that serves this document.' }
      const expected = { ...committed, servers: [own, ...committed.servers] }
      expect(await (await at(origin)).text()).toBe(`${JSON.stringify(expected, null, 2)}\n`)
    }
  })

  test('is the committed one where `npm start` serves it', async () => {
    expect(await (await at('http://localhost:8787')).text()).toBe(documentText())
  })

  test('has another ETag at each server, and the same for GET and HEAD', async () => {
    const origins = ['https://api.example.com', 'https://api.example.org', 'http://localhost:8787']
    const tags = await Promise.all(
      origins.map(async (origin) => {
        const [get, head] = [await at(origin), await at(origin, { method: 'HEAD' })]
        const etag = get.headers.get('ETag') ?? ''
        await get.body?.cancel()
        expect({ status: head.status, etag: head.headers.get('ETag') }).toEqual({ status: 200, etag })
        const known = { method: 'HEAD', headers: { 'If-None-Match': etag } }
        expect((await at(origin, known)).status).toBe(304)
        return etag
      }),
    )
    expect(new Set(tags).size).toBe(origins.length)
    const foreign = await at('https://api.example.com', { headers: { 'If-None-Match': String(tags[1]) } })
    expect(foreign.status).toBe(200)
    await foreign.body?.cancel()
  })
})

test('the root redirects to the documentation', async () => {
  const response = await open('/')
  expect(response.status).toBe(308)
  expect(response.headers.get('Location')).toBe('/docs')
})

test.each([
  ['/docs', 5],
  ['/docs/reading.html', 5],
])('%s loads nothing from other hosts and runs no inline scripts', async (page, links) => {
  const response = await open(page)
  const html = await response.text()
  expect(response.headers.get('Content-Type')).toMatch(/^text\/html/)
  expect(response.headers.get('Content-Security-Policy')).toContain("script-src 'self';")
  expect(response.headers.get('Content-Security-Policy')).toMatch(/img-src [^;]*\bblob:/)
  expect(response.headers.get('Cache-Control')).toBe('no-cache')
  expect(html).not.toMatch(/<script(?![^>]* src=)|(?:src|href)="(?!\/docs\/)/)

  const files = [...html.matchAll(/(?:src|href)="([^"]+)"/g)].map(([, file]) => String(file))
  expect(files).toHaveLength(links)
  for (const file of [...files, '/docs/favicon-32x32.png']) {
    const asset = await open(file)
    expect(asset.status, file).toBe(200)
    expect(asset.headers.get('X-Request-Id')).toBeTruthy()
    expect(asset.headers.get('X-Content-Type-Options')).toBe('nosniff')
    await asset.body?.cancel()
  }
})

test('an asset that does not exist returns a 404 problem', async () => {
  const response = await open('/docs/nothing.js')
  expect(response.status).toBe(404)
  expect(response.headers.get('Content-Type')).toBe('application/problem+json')
  expect(await response.json()).toMatchObject({ code: 'not_found' })
})

test.each(['/', '/favicon.ico', '/openapi.json', '/docs', '/docs/reading.html', '/docs/swagger-ui.css'])(
  '%s supports HEAD and rejects POST',
  async (path) => {
    const [get, head] = [await open(path), await open(path, { method: 'HEAD' })]
    expect(head.status).toBe(get.status)
    expect(head.headers.get('Content-Type')).toBe(get.headers.get('Content-Type'))
    expect(await head.text()).toBe('')
    await get.body?.cancel()

    const post = await open(path, { method: 'POST' })
    expect(post.status).toBe(405)
    expect(post.headers.get('Allow')).toBe('GET, HEAD, OPTIONS')
    expect(await post.json()).toMatchObject({ code: 'method_not_allowed' })
  },
)

test.each(['GET', 'HEAD', 'POST'])('%s finds nothing at /demo in a deployment', async (method) => {
  const production = productionSettings()
  for (const path of ['/demo', '/demo/main.js']) {
    const { status, headers } = await send(new Request(`http://localhost${path}`, { method }), { env: production })
    expect(status).toBe(404)
    expect(headers.get('Content-Type')).toBe('application/problem+json')
  }
})

test('the deployed assets contain no demo, even where the demo would be served', async () => {
  expect((await env.ASSETS.fetch('http://localhost/docs/swagger-ui.css')).status).toBe(200)
  for (const file of ['index.html', 'main.js', 'style.css'])
    expect((await env.ASSETS.fetch(`http://localhost/demo/${file}`)).status, file).toBe(404)
  expect((await send(new Request('http://localhost/demo'))).status).toBe(404)
  expect((await send(new Request('http://localhost/demo', { method: 'POST' }))).status).toBe(405)
})

test('a deep health check queries the storage and reports when it fails', async () => {
  expect((await open('/healthz')).status).toBe(200)
  const healthy = await open('/healthz?deep=true')
  expect(healthy.headers.get('Cache-Control')).toBe('no-store')
  expect(await healthy.json()).toEqual({ status: 'ok' })

  const prototype = Object.getPrototypeOf(env.DB)
  const { prepare } = prototype
  prototype.prepare = () => {
    throw new Error('D1_ERROR: gone')
  }
  try {
    const failing = await open('/healthz?deep=true')
    expect(failing.status).toBe(503)
    expect(failing.headers.get('Retry-After')).toBeTruthy()
    expect(await failing.json()).toMatchObject({ code: 'service_unavailable' })
    expect((await open('/healthz')).status).toBe(200)
  } finally {
    prototype.prepare = prepare
  }
})
