import { exports } from 'cloudflare:workers'
import { Hono } from 'hono'
import { secureHeaders } from 'hono/secure-headers'
import { expect, test } from 'vitest'

const open = (path: string, init?: RequestInit) =>
  exports.default.fetch(`http://localhost${path}`, { redirect: 'manual', ...init })

/** What Hono's own middleware sets on every response, and the policy that the service adds. */
async function expectedHeaders() {
  const options = {
    crossOriginResourcePolicy: 'cross-origin',
    xFrameOptions: 'DENY',
    strictTransportSecurity: 'max-age=31536000; includeSubDomains',
  }
  const plain = new Hono().use(secureHeaders(options)).get('/', (c) => c.body(null))
  return Object.fromEntries((await plain.request('/')).headers)
}

test('every response has the security headers, whatever made it', async () => {
  const expected = await expectedHeaders()
  expect(Object.keys(expected).length).toBeGreaterThan(10)
  const preflight = { Origin: 'https://app.example', 'Access-Control-Request-Method': 'GET' }
  const responses = [
    await open('/v1/network'),
    await open('/v1/network', { method: 'HEAD' }),
    await open('/v1/network', { method: 'OPTIONS', headers: preflight }),
    await open('/v1/network', { method: 'POST' }),
    await open('/v1/chats'),
    await open('/v1/nothing'),
    await open('/'),
    await open('/docs'),
    await open('/docs/swagger-ui.css'),
    await open('/openapi.json'),
  ]
  for (const { url, status, headers } of responses) {
    expect(Object.fromEntries(headers), `${status} of ${url}`).toMatchObject(expected)
    expect(headers.get('Content-Security-Policy')).toContain("default-src 'none'")
    expect(headers.get('X-Request-Id')).toMatch(/^[\w-]{36}$/)
    expect(headers.get('Access-Control-Allow-Origin')).toBe('*')
    expect(headers.get('Access-Control-Expose-Headers')?.split(',')).toContain('Retry-After')
  }
})

test('only what says so itself can be cached', async () => {
  expect((await open('/v1/network')).headers.get('Cache-Control')).toBe('no-store')
  expect((await open('/v1/chats')).headers.get('Cache-Control')).toBe('no-store')
  expect((await open('/docs')).headers.get('Cache-Control')).toBe('no-cache')
  expect((await open('/healthz')).headers.get('Cache-Control')).toBe('no-store')
})
