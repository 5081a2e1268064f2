// What no client generated from the document would send, but servers see every day.
import fc from 'fast-check'
import { limits } from '../../src/core/limits'
import type { Input } from '../support/call'
import type { DocumentedOperationAt } from '../support/check-response'
import type { Attempt } from './attempt'
import { oddTexts } from './values'

type Twist = (input: Input) => fc.Arbitrary<Omit<Attempt, 'kind' | 'twist'>>

const json = { 'Content-Type': 'application/json' }

const withHeaders = (input: Input, headers: Record<string, string>) => ({
  input: { ...input, headers: { ...input.headers, ...headers } },
})

const withRaw = ({ body: _, ...input }: Input, raw: BodyInit, headers: Record<string, string> = json) => ({
  input: { ...input, raw, headers: { ...input.headers, ...headers } },
})

const oddHeaders = [
  { Accept: 'text/html' },
  { Accept: 'nonsense' },
  { Origin: 'https://evil.example.com' },
  { Origin: 'null' },
  { Range: 'bytes=1-2' },
  { 'If-None-Match': '*' },
  { 'If-Match': '"x"' },
  { 'Content-Encoding': 'gzip' },
  { 'Transfer-Encoding': 'chunked' },
  { Cookie: '__proto__=1; session=x' },
  { 'X-Request-Id': 'x'.repeat(300) },
  { 'X-Forwarded-For': '::1, unknown' },
  { 'X-HTTP-Method-Override': 'DELETE' },
  { Host: 'evil.example.com' },
]

export const oddJson = [
  '{',
  'nope',
  '[]',
  'null',
  '"text"',
  '1e999',
  '\ufeff{}',
  '{"a":1,"a":2}',
  '{"__proto__":{"admin":true}}',
  '{"constructor":{"prototype":{}}}',
  '['.repeat(20_000),
  `${'{"a":'.repeat(5_000)}1${'}'.repeat(5_000)}`,
  '{"text":"\\ud800","clientMessageId":"\\udfff"}',
  '{"text":"\\u0000"}',
]

const oddTypes = [
  'text/plain',
  'application/json; charset=utf-16',
  'application/JSON',
  'multipart/form-data',
  'application/problem+json',
  ',',
  '',
]

const broken = new Uint8Array([0x7b, 0x22, 0xff, 0xfe, 0xc3, 0x28, 0x22, 0x3a, 0x31, 0x7d])

const oddForms = [
  { raw: '', type: 'multipart/form-data' },
  { raw: 'nonsense', type: 'multipart/form-data; boundary=x' },
  {
    raw: '--x\r\nContent-Disposition: form-data; name="file"; filename="a"\r\n\r\ncut off',
    type: 'multipart/form-data; boundary=x',
  },
  {
    raw: '--x\r\nContent-Disposition: form-data; name="other"\r\n\r\n1\r\n--x--\r\n',
    type: 'multipart/form-data; boundary=x',
  },
  { raw: '--x--\r\n', type: `multipart/form-data; boundary=${'x'.repeat(100)}` },
  { raw: '\0', type: 'text/html\u00e9' },
]

const everywhere = (
  operation: DocumentedOperationAt,
  tokens: Record<string, string | undefined>,
): Record<string, Twist> => ({
  token: (input) =>
    fc
      .constantFrom(...Object.values(tokens))
      .map((accessToken) =>
        accessToken === undefined ? withHeaders(input, { Authorization: '' }) : { input, accessToken },
      ),
  header: (input) =>
    fc.constantFrom(...oddHeaders).map((header) => withHeaders(input, Object.fromEntries(Object.entries(header)))),
  query: (input) =>
    fc
      .tuple(fc.constantFrom('unknown', 'limit', 'cursor', '__proto__', 'q'), fc.constantFrom(...oddTexts))
      .map(([name, text]) => ({
        input: { ...input, query: { ...input.query, [name]: [text, text] } },
      })),
  method: ({ body: _, raw: __, headers: { Upgrade: ___, ...headers } = {}, ...input }) =>
    // Without `Upgrade`: the runtime turns a request that has one into a GET before a worker sees it.
    fc
      .constantFrom(operation.method === 'GET' ? 'HEAD' : 'OPTIONS', 'OPTIONS')
      .map((method) => ({ input: { ...input, headers }, method })),
})

const onJson: Record<string, Twist> = {
  text: (input) => fc.constantFrom(...oddJson).map((text) => withRaw(input, text)),
  type: (input) =>
    fc.constantFrom(...oddTypes).map((type) => withRaw(input, JSON.stringify(input.body), { 'Content-Type': type })),
  bytes: (input) => fc.constant(withRaw(input, broken)),
  cut: (input) => fc.nat(200).map((length) => withRaw(input, JSON.stringify(input.body).slice(0, length))),
  size: (input) => fc.constant(withRaw(input, `"${'x'.repeat(limits.jsonBodyBytesMax)}"`)),
}

const onFiles: Record<string, Twist> = {
  form: (input) => fc.constantFrom(...oddForms).map(({ raw, type }) => withRaw(input, raw, { 'Content-Type': type })),
  // On the wire, the length of a form cannot be shorter than what follows.
  length: (input) =>
    fc
      .constantFrom(...(input.raw instanceof FormData ? ['99999'] : ['0', '1', '99999', '-1', 'x']))
      .map((length) => withHeaders(input, { 'Content-Length': length })),
  nothing: ({ raw: _, ...input }) => fc.constant({ input }),
}

export function hostileTo(
  operation: DocumentedOperationAt,
  valid: fc.Arbitrary<Input>,
  tokens: Record<string, string | undefined>,
): fc.Arbitrary<Attempt> {
  const content = operation.requestBody?.content ?? {}
  const twists = {
    ...everywhere(operation, tokens),
    ...('application/json' in content && onJson),
    ...('multipart/form-data' in content && onFiles),
  }
  return fc
    .tuple(fc.constantFrom(...Object.entries(twists)), valid)
    .chain(([[twist, change], input]) => change(input).map((changed) => ({ kind: 'hostile', twist, ...changed })))
}
