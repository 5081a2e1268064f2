import { env } from 'cloudflare:workers'
import { expect, test } from 'vitest'
import type { Network } from '../../schemas/network'
import { call, ok, refused, requestOf, send } from '../support/call'

const cf = {
  country: 'PT',
  isEUCountry: '1',
  region: 'Lisbon',
  city: 'Lisbon',
  continent: 'EU',
  timezone: 'Europe/Lisbon',
  asn: 64496,
  asOrganization: 'Example Telecom',
  colo: 'LIS',
  httpProtocol: 'HTTP/3',
  tlsVersion: 'TLSv1.3',
  tlsCipher: 'AEAD-AES128-GCM-SHA256',
  clientTcpRtt: 18,
  latitude: '38.72000',
  longitude: '-9.14000',
  postalCode: '1000-001',
} as const
const headers = { 'CF-Connecting-IP': '203.0.113.7', 'User-Agent': 'curl/8.5.0' }
const facts = {
  ip: '203.0.113.7',
  country: 'PT',
  isEU: true,
  region: 'Lisbon',
  city: 'Lisbon',
  continent: 'EU',
  timezone: 'Europe/Lisbon',
  asn: 64496,
  asOrganization: 'Example Telecom',
  colo: 'LIS',
  httpProtocol: 'HTTP/3',
  tlsVersion: 'TLSv1.3',
  tlsCipher: 'AEAD-AES128-GCM-SHA256',
  clientTcpRttMs: 18,
  userAgent: 'curl/8.5.0',
}

const fromTheEdge = (query = {}, edge: Partial<IncomingRequestCfProperties> = cf) =>
  send<Network>(new Request(requestOf('getNetwork', { query, headers }), { cf: edge }))

test('getNetwork returns what the edge knows about the connection, and no place more precise than a city', async () => {
  expect((await fromTheEdge()).body).toEqual(facts)
  expect((await fromTheEdge({ precise: false })).body).toEqual(facts)
})

test('coordinates and postal code are returned only when requested', async () => {
  const { body } = await fromTheEdge({ precise: true })
  expect(body).toEqual({ ...facts, precise: { latitude: 38.72, longitude: -9.14, postalCode: '1000-001' } })
})

test('a country outside the European Union is distinguished from an unknown one', async () => {
  const { isEUCountry: _, ...outside } = cf
  expect((await fromTheEdge({}, { ...outside, country: 'BR' })).body.isEU).toBe(false)
  expect((await fromTheEdge({}, {})).body.isEU).toBeNull()
})

test('every field is present, and null where the edge provides no value', async () => {
  const { body } = await send<Network>(new Request(requestOf('getNetwork', { query: { precise: true } }), { cf: {} }))
  const { precise, ...rest } = body
  expect(Object.keys(rest)).toEqual(Object.keys(facts))
  expect(new Set([...Object.values(rest), ...Object.values(precise ?? {})])).toEqual(new Set([null]))
})

test('the response of getNetwork is never cached', async () => {
  expect((await call('getNetwork')).headers.get('Cache-Control')).toBe('no-store')
})

test('an unknown query parameter is rejected and named', async () => {
  const { body } = await refused('getNetwork', 'invalid_request', { query: { exact: true } })
  expect(body.errors?.map(({ pointer }) => pointer)).toEqual(['/query/exact'])
})

test('a web page of any origin can call getNetwork and read the headers it needs', async () => {
  const preflight = { Origin: 'https://app.example', 'Access-Control-Request-Method': 'GET' }
  const { status, headers } = await send(
    new Request('http://localhost/v1/network', { method: 'OPTIONS', headers: preflight }),
  )
  expect(status).toBe(204)
  expect(headers.get('Access-Control-Allow-Methods')?.split(',')).toContain('GET')
  const answer = await call('getNetwork', { headers: { Origin: 'https://app.example' } })
  expect(answer.headers.get('Access-Control-Expose-Headers')?.split(',')).toContain('X-Request-Id')
})

test('a preflight allows the headers that it asks for, as far as a kilobyte of them', async () => {
  const asking = async (names: string[]) => {
    const headers = {
      Origin: 'https://app.example',
      'Access-Control-Request-Method': 'GET',
      'Access-Control-Request-Headers': names.join(', '),
    }
    const { headers: answered } = await send(new Request('http://localhost/v1/network', { method: 'OPTIONS', headers }))
    return answered.get('Access-Control-Allow-Headers')
  }
  expect(await asking(['authorization', 'x-app'])).toBe('authorization,x-app')
  const many = await asking(Array.from({ length: 2_000 }, (_, n) => `x-${n}`))
  expect(many?.startsWith('x-0,x-1,')).toBe(true)
  expect(many?.length).toBeLessThanOrEqual(1_024)
})

test('with a list of origins, only their pages can read the response, and caches keep them apart', async () => {
  const options = { env: { CORS_ORIGINS: 'https://app.example, https://admin.example' } }
  const listed = await call('getNetwork', { headers: { Origin: 'https://admin.example' } }, options)
  expect(listed.headers.get('Access-Control-Allow-Origin')).toBe('https://admin.example')
  expect(listed.headers.get('Vary')).toBe('Origin')
  const other = await call('getNetwork', { headers: { Origin: 'https://evil.example' } }, options)
  expect(other.headers.get('Access-Control-Allow-Origin')).toBeNull()
})

test('getNetwork needs no storage', async () => {
  const { DB: _, MAILBOX: __, FILES: ___, ...settings } = env
  const gone = { DB: undefined, MAILBOX: undefined, FILES: undefined }
  expect(await ok('getNetwork', {}, { env: { ...settings, ...Object(gone) } })).toBeDefined()
})
