import { describe, expect, test } from 'vitest'
import { operations } from '../../routes'
import { limits } from '../../src/core/limits'
import {
  baseUrl,
  type Caller,
  call,
  type Input,
  ok,
  pathOf,
  type Refusal,
  refused,
  requestOf,
  send,
} from '../support/call'
import {
  type DocumentedOperationAt,
  document,
  documentedOperations,
  type JsonSchema,
  operationsAt,
  type Parameter,
  resolve,
  schemaErrors,
} from '../support/check-response'
import { exampleInput, mediaExample } from '../support/example-input'
import { expired, forged, stranger, unsigned } from '../support/tokens'
import { newPhoneNumber, newUser } from '../support/users'

const isSecured = ({ security = [] }: DocumentedOperationAt) =>
  security.length > 0 && security.every((requirement) => Object.keys(requirement).length > 0)
const takesJson = ({ requestBody }: DocumentedOperationAt) => requestBody?.content['application/json'] !== undefined
const asNeeded = async (operation: DocumentedOperationAt): Promise<{ as?: Caller }> =>
  operation.security?.length ? { as: await stranger() } : {}

const examplePath = (operationId: string) => pathOf(operationId, exampleInput(operationId).params)
const json = { 'Content-Type': 'application/json' }
const bytes = (text: string) => new TextEncoder().encode(text)

describe('token check:', () => {
  const tokens = {
    'that is garbage': async () => 'garbage',
    'signed by another key': () => forged({ secret: 'another secret that is long enough, too' }),
    'of an unknown key id': () => forged({ header: { kid: 'unknown' } }),
    'without a signature (alg none)': unsigned,
    'of another type': () => forged({ header: { typ: 'JWT' } }),
    'of another issuer': () => forged({ claims: { iss: 'somebody-else' } }),
    'for another audience': () => forged({ claims: { aud: 'somebody-else' } }),
    'without a session': () => forged({ claims: { sid: undefined } }),
    'that never expires': () => forged({ claims: { exp: undefined } }),
  }
  // All of the input is wrong, so the token must have been checked first.
  const wrongInput = ({ requestBody, parameters = [] }: DocumentedOperationAt): Input => ({
    params: Object.fromEntries(parameters.filter((one) => one.in === 'path').map(({ name }) => [name, 'nope'])),
    query: { nope: 'nope' },
    ...(requestBody && { raw: '{', headers: json }),
  })
  const secured = documentedOperations.filter(isSecured)

  test.each(secured)('$operationId requires a token before it reads anything else', async (operation) => {
    await refused(operation.operationId, 'unauthenticated', wrongInput(operation))
  })

  test.each(secured)('$operationId rejects a garbage token', async (operation) => {
    for (const token of Object.values(tokens))
      await refused(operation.operationId, 'access_token_invalid', wrongInput(operation), {
        as: { accessToken: await token() },
      })
    for (const Authorization of ['Basic YTpi', 'Bearer', 'Bearer a b']) {
      const { headers, ...input } = wrongInput(operation)
      await refused(operation.operationId, 'access_token_invalid', { ...input, headers: { ...headers, Authorization } })
    }
  })

  test.each(secured)('$operationId reports an expired token as expired', async (operation) => {
    await refused(operation.operationId, 'access_token_expired', wrongInput(operation), { as: await expired() })
  })
})

describe('a path', () => {
  const methods = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE']

  test.each(documentedOperations)(
    'of $operationId rejects any other method and lists those it allows',
    async ({ operationId }) => {
      const path = examplePath(operationId)
      const declared = operationsAt(path).map(({ method }) => method)
      const allowed = new Set([...declared, ...(declared.includes('GET') ? ['HEAD'] : []), 'OPTIONS'])
      for (const method of methods.filter((one) => !allowed.has(one))) {
        const { status, headers } = await send(new Request(baseUrl + path, { method }))
        expect(status, `${method} ${path}`).toBe(405)
        expect(new Set(headers.get('Allow')?.split(', '))).toEqual(allowed)
      }
    },
  )

  test.each(documentedOperations)(
    'of $operationId with a trailing slash does not exist',
    async ({ operationId, method }) => {
      const { status } = await send(new Request(`${baseUrl}${examplePath(operationId)}/`, { method }))
      expect(status).toBe(404)
    },
  )

  test.each(['/v1', '/v2/network', '/v1/nope', '/v1/%', '/v1/%E0%A4%A', '/nope', '/.env'])(
    'that is not in the document (%s) returns a problem',
    async (path) => {
      for (const method of methods) {
        const { status, headers } = await send(new Request(baseUrl + path, { method }))
        expect({ status, allow: headers.get('Allow') }).toEqual({ status: 404, allow: null })
      }
    },
  )
})

describe('HEAD', () => {
  const changing = ['x-request-id', 'date']
  const lasting = (headers: Headers) => [...headers].filter(([name]) => !changing.includes(name))
  const readable = documentedOperations.filter(({ method }) => method === 'GET')

  test.each(readable)('returns the same as GET, without the body: $operationId', async (operation) => {
    const as = isSecured(operation) ? { as: await newUser() } : {}
    const request = requestOf(operation.operationId, exampleInput(operation.operationId), as)
    const head = await send(new Request(request, { method: 'HEAD' }))
    const get = await send(request)
    expect(head.status).toBe(get.status)
    expect(lasting(head.headers)).toEqual(lasting(get.headers))
  })
})

describe('a JSON body', () => {
  const withJson = documentedOperations.filter(takesJson)
  const noBody = ({ body: _, ...rest }: Input) => rest

  test.each(withJson)('that is malformed is rejected: $operationId', async (operation) => {
    const input = noBody(exampleInput(operation.operationId))
    for (const raw of ['{', '', '{"a":1,}', 'nope'])
      await refused(
        operation.operationId,
        'malformed_json',
        { ...input, raw, headers: json },
        await asNeeded(operation),
      )
  })

  test.each(withJson)('of another content type is rejected: $operationId', async (operation) => {
    const { body, ...input } = exampleInput(operation.operationId)
    for (const contentType of ['text/plain', 'application/x-www-form-urlencoded', 'application/jsonp', 'nope'])
      await refused(
        operation.operationId,
        'unsupported_media_type',
        { ...input, raw: JSON.stringify(body), headers: { 'Content-Type': contentType } },
        await asNeeded(operation),
      )
  })

  test.each(withJson)(
    'without a content type, or missing, never reaches the handler: $operationId',
    async (operation) => {
      const { body, ...input } = exampleInput(operation.operationId)
      const untyped = { ...input, raw: bytes(JSON.stringify(body)) }
      for (const one of [untyped, input, { ...input, headers: json }]) {
        const { status } = await call(operation.operationId, one, await asNeeded(operation))
        expect([400, 415]).toContain(status)
      }
    },
  )

  test.each(withJson)(
    'above the limit is rejected, whether or not its length is declared: $operationId',
    async (operation) => {
      const input = noBody(exampleInput(operation.operationId))
      const raw = bytes(JSON.stringify(' '.repeat(limits.jsonBodyBytesMax)))
      for (const one of [raw, new Blob([raw]).stream()])
        await refused(
          operation.operationId,
          'payload_too_large',
          { ...input, raw: one, headers: json },
          await asNeeded(operation),
        )
    },
  )

  const latin1 = (text: string) => Uint8Array.from(text, (character) => character.codePointAt(0) ?? 0)

  test.each(withJson)('that is not UTF-8 is rejected, and nothing is replaced: $operationId', async (operation) => {
    const input = noBody(exampleInput(operation.operationId))
    const inUtf16 = new Uint8Array(new Uint16Array([...'{"a":1}'].map((one) => one.charCodeAt(0))).buffer)
    const bodies = [
      latin1('{"a":"Gr\u00fc\u00dfe"}'),
      latin1('{"a":"\u00ed\u00a0\u0080"}'),
      latin1('{"\u00c3"'),
      inUtf16,
    ]
    for (const raw of bodies)
      await refused(
        operation.operationId,
        'malformed_json',
        { ...input, raw, headers: json },
        await asNeeded(operation),
      )
  })

  test.each(withJson)('of another charset is rejected, and of this one taken: $operationId', async (operation) => {
    const { body, ...input } = exampleInput(operation.operationId)
    const answers = async (charset: string) => {
      const headers = { ...input.headers, 'Content-Type': `application/json; charset=${charset}` }
      const { body: answer } = await call<{ code?: string }>(
        operation.operationId,
        { ...input, raw: JSON.stringify({ ...Object(body), unknown: 1 }), headers },
        await asNeeded(operation),
      )
      return answer.code
    }
    for (const charset of ['iso-8859-1', 'ISO-8859-1', '"windows-1252"', 'utf-16', 'utf-8; charset=latin1'])
      expect(await answers(charset), charset).toBe('unsupported_media_type')
    for (const charset of ['utf-8', 'UTF-8', '"utf-8"']) expect(await answers(charset), charset).toBe('invalid_request')
  })

  const withBody = documentedOperations.filter(({ requestBody }) => requestBody)

  test.each(withBody)('with a content encoding is rejected: $operationId', async (operation) => {
    const { body, ...input } = exampleInput(operation.operationId)
    for (const coding of ['gzip', 'br', 'GZIP', 'identity, deflate', 'nope']) {
      const headers = { ...input.headers, ...json, 'Content-Encoding': coding }
      const request = { ...input, raw: JSON.stringify(body ?? {}), headers }
      const answer = await refused(operation.operationId, 'unsupported_media_type', request, await asNeeded(operation))
      expect(answer.headers.get('Accept-Encoding')).toBe('identity')
    }
  })

  test('that is encoded as it is, in words, is taken', async () => {
    await ok('sendOtp', {
      body: { phoneNumber: newPhoneNumber() },
      headers: { ...json, 'Content-Encoding': 'identity' },
    })
  })

  test('can begin with a byte order mark', async () => {
    const raw = bytes(`\ufeff${JSON.stringify({ phoneNumber: newPhoneNumber() })}`)
    await ok('sendOtp', { raw, headers: json })
  })

  test.each(withJson)('that is not an object is rejected: $operationId', async (operation) => {
    const input = exampleInput(operation.operationId)
    for (const body of [[], [input.body], 'text', 1, true, null])
      await refused(operation.operationId, 'invalid_request', { ...input, body }, await asNeeded(operation))
  })

  test.each(withJson)('with an unknown field is rejected, and the field is named: $operationId', async (operation) => {
    const input = exampleInput(operation.operationId)
    const body = { ...Object(input.body), 'un/known': 1 }
    const answer = await refused(
      operation.operationId,
      'invalid_request',
      { ...input, body },
      await asNeeded(operation),
    )
    expect(answer.body.errors?.map(({ pointer }) => pointer)).toEqual(['/un~1known'])
  })
})

describe('a problem', () => {
  const names = (count: number, length: number) =>
    Array.from({ length: count }, (_, n) => `${n}`.padEnd(length, '🪨').slice(0, length))

  test('is small, however much is wrong: it lists twenty errors and counts the others', async () => {
    const many = Object.fromEntries(names(5_000, 20).map((name) => [name, 1]))
    const answers = [
      await refused('verifyOtp', 'invalid_request', { body: many }),
      await refused('getNetwork', 'invalid_request', {
        query: Object.fromEntries(names(500, 20).map((one) => [one, 1])),
      }),
      await refused(
        'findContacts',
        'invalid_request',
        { body: { phoneNumbers: Array(500).fill(1) } },
        { as: await stranger() },
      ),
    ]
    for (const { body } of answers) {
      expect(body.errors).toHaveLength(20)
      expect(JSON.stringify(body).length).toBeLessThan(6_000)
    }
    expect(answers.map(({ body }) => /not listed: (\d+)\.$/.exec(body.detail)?.[1])).toEqual([
      String(5_000 + 2 - 20),
      String(500 - 20),
      String(500 - 20),
    ])
  })

  test('cuts pointers at 64 characters', async () => {
    const name = (length: number) => `x${'🪨'.repeat(length - 1)}`
    const pointerTo = async (key: string) =>
      (await refused('getNetwork', 'invalid_request', { query: { [key]: 1 } })).body.errors?.[0]?.pointer
    const longest = 64 - '/query/'.length
    expect(await pointerTo(name(longest))).toBe(`/query/${name(longest)}`)
    for (const length of [longest + 1, 1_000])
      expect(await pointerTo(name(length))).toBe(`/query/${name(longest - 1)}…`)
    const { body } = await refused('verifyOtp', 'invalid_request', { body: { [name(30_000)]: 1 } })
    expect(JSON.stringify(body).length).toBeLessThan(1_500)
  })
})

describe('a parameter', () => {
  const beyond = ({ minimum, maximum }: JsonSchema) => [
    ...(minimum === undefined ? [] : [String(minimum - 1)]),
    ...(maximum === undefined ? [] : [String(maximum + 1), '1e309']),
  ]
  // Values are strings on the wire, so where the document says number, a string counts as the number it spells.
  const asTyped = (schema: JsonSchema, text: string) =>
    schema.type === 'integer' || schema.type === 'number' ? Number(text) : text
  const wrongValues = ({ schema }: Parameter) =>
    ['nope', '-1', '1.5', 'x'.repeat(5_000), ...beyond(schema)].filter((text) => {
      const value = asTyped(schema, text)
      return Number.isNaN(value) || schemaErrors(schema, value).length > 0
    })
  // A browser cannot see why an upgrade was refused, so the socket takes any cursor and sends everything instead.
  const acceptsAnything = ({ operationId }: { operationId: string }, { name }: Parameter) =>
    operationId === 'connectRealtime' && name === 'cursor'
  const cases = (place: Parameter['in']) =>
    documentedOperations.flatMap((operation) =>
      (operation.parameters ?? [])
        .filter((parameter) => parameter.in === place && !acceptsAnything(operation, parameter))
        .map((parameter) => ({ operation, operationId: operation.operationId, parameter, name: parameter.name })),
    )

  test.each(cases('path'))('in the path with a wrong value is rejected and named: $operationId $name', async (one) => {
    const input = exampleInput(one.operationId)
    const values = wrongValues(one.parameter)
    expect(values, `${one.name} accepts any value`).not.toEqual([])
    for (const value of values) {
      const params = { ...input.params, [one.name]: value }
      const answer = await refused(
        one.operationId,
        'invalid_request',
        { ...input, params },
        await asNeeded(one.operation),
      )
      expect(answer.body.errors?.map(({ pointer }) => pointer)).toContain(`/path/${one.name}`)
    }
  })

  test.each(cases('query'))(
    'in the query with a wrong value is rejected and named: $operationId $name',
    async (one) => {
      const input = exampleInput(one.operationId)
      const values = wrongValues(one.parameter)
      expect(values, `${one.name} accepts any value`).not.toEqual([])
      for (const value of values) {
        const query = { ...input.query, [one.name]: value }
        const answer = await refused(
          one.operationId,
          'invalid_request',
          { ...input, query },
          await asNeeded(one.operation),
        )
        expect(answer.body.errors?.map(({ pointer }) => pointer)).toContain(`/query/${one.name}`)
      }
    },
  )

  test.each(documentedOperations)('that is unknown is rejected, and named: $operationId', async (operation) => {
    const input = exampleInput(operation.operationId)
    const query = { ...input.query, scopes: 'everyone', 'un/known': '' }
    const answer = await refused(
      operation.operationId,
      'invalid_request',
      { ...input, query },
      await asNeeded(operation),
    )
    expect(answer.body.errors).toEqual([
      { pointer: '/query/scopes', code: 'unrecognized_keys', detail: 'Unknown field.' },
      { pointer: '/query/un~1known', code: 'unrecognized_keys', detail: 'Unknown field.' },
    ])
  })

  test.each(documentedOperations)('without a name is rejected: $operationId', async (operation) => {
    const input = exampleInput(operation.operationId)
    const query = { ...input.query, '': '5' }
    const answer = await refused(
      operation.operationId,
      'invalid_request',
      { ...input, query },
      await asNeeded(operation),
    )
    expect(answer.body.errors).toEqual([{ pointer: '/query/', code: 'unrecognized_keys', detail: 'Unknown field.' }])
  })

  test.each(cases('query'))('that is repeated is rejected: $operationId $name', async (one) => {
    const input = exampleInput(one.operationId)
    const query = { ...input.query, [one.name]: ['5', '5'] }
    const answer = await refused(one.operationId, 'invalid_request', { ...input, query }, await asNeeded(one.operation))
    expect(answer.body.errors?.map(({ pointer }) => pointer)).toContain(`/query/${one.name}`)
  })

  test.each(cases('query').filter(({ name }) => name === 'cursor'))(
    'that is an empty cursor is not the beginning of a list: $operationId',
    async ({ operation, operationId }) => {
      const input = exampleInput(operationId)
      const query = { ...input.query, cursor: '' }
      const answer = await refused(operationId, 'invalid_request', { ...input, query }, await asNeeded(operation))
      expect(answer.body.errors?.map(({ pointer }) => pointer)).toEqual(['/query/cursor'])
    },
  )

  test.each(documentedOperations)(
    'in percent-encoding that is no UTF-8 is rejected: $operationId',
    async ({ operationId, ...operation }) => {
      const input = exampleInput(operationId)
      const options = await asNeeded({ operationId, ...operation })
      for (const query of ['name=Gr%FC%DFe', 'name=%', 'name=%ED%A0%80']) {
        const request = requestOf(operationId, input, options)
        const url = `${request.url}${request.url.includes('?') ? '&' : '?'}${query}`
        const answer = await send<Refusal>(new Request(url, request))
        expect({ status: answer.status, code: answer.body.code }).toEqual({ status: 400, code: 'invalid_request' })
        expect(answer.body.errors?.[0]?.pointer).toBe('/query')
      }
    },
  )

  test.each(cases('query').filter(({ parameter }) => parameter.schema.type === 'integer'))(
    'that is an integer is spelled in decimal digits: $operationId $name',
    async ({ operation, operationId, name }) => {
      const input = exampleInput(operationId)
      for (const value of [
        '0x10',
        '1e1',
        ' 5',
        '5 ',
        '+5',
        '05',
        '5.0',
        '',
        '0b1',
        '\u0665',
        '1_0',
        'Infinity',
        'true',
      ]) {
        const query = { ...input.query, [name]: value }
        const answer = await refused(operationId, 'invalid_request', { ...input, query }, await asNeeded(operation))
        expect(answer.body.errors?.map(({ pointer }) => pointer)).toContain(`/query/${name}`)
      }
    },
  )

  test.each(cases('query').filter(({ parameter }) => parameter.required))(
    'missing from the query is rejected and named: $operationId $name',
    async ({ operation, operationId, name }) => {
      const input = exampleInput(operationId)
      const query = { ...input.query, [name]: undefined }
      const answer = await refused(operationId, 'invalid_request', { ...input, query }, await asNeeded(operation))
      expect(answer.body.errors?.map(({ pointer }) => pointer)).toContain(`/query/${name}`)
    },
  )

  test.each(cases('path'))(
    'in the path with broken percent-encoding returns a problem: $operationId $name',
    async (one) => {
      const path = one.operation.path.replace(`{${one.name}}`, '%E0%A4%A').replaceAll(/\{(\w+)\}/g, 'nope')
      const { status } = await send(new Request(baseUrl + path, { method: one.operation.method }))
      expect([400, 401, 404]).toContain(status)
    },
  )
})

describe('a storage failure', () => {
  /** Every property and call on it, however deep, is a promise that rejects. */
  function failing<T extends object>(error: Error): T {
    const ask: ProxyHandler<T> = {
      get: (_, name) => {
        if (typeof name === 'symbol') return undefined
        if (name !== 'then' && name !== 'catch' && name !== 'finally') return everything
        const promise = Promise.reject(error)
        return promise[name].bind(promise)
      },
      apply: () => everything,
    }
    const everything: T = new Proxy<T>(
      Object(() => {}),
      ask,
    )
    return everything
  }
  const storageThatThrows = (error: Error) => ({
    DB: failing<D1Database>(error),
    MAILBOX: failing<Env['MAILBOX']>(error),
    FILES: failing<R2Bucket>(error),
  })
  const declaring = (status: number) => documentedOperations.filter(({ responses }) => responses[status] !== undefined)

  test.each(declaring(500))('is a 500 that reveals nothing about it: $operationId', async (operation) => {
    const env = storageThatThrows(new Error('SECRET near "SELECT"'))
    const input = exampleInput(operation.operationId)
    const { body } = await refused(operation.operationId, 'internal_error', input, {
      ...(await asNeeded(operation)),
      env,
    })
    expect(JSON.stringify(body)).not.toContain('SECRET')
  })

  test.each(declaring(503))('that is transient is a 503: $operationId', async (operation) => {
    for (const trait of ['retryable', 'overloaded']) {
      const env = storageThatThrows(Object.assign(new Error('SECRET'), { [trait]: true }))
      const input = exampleInput(operation.operationId)
      await refused(operation.operationId, 'service_unavailable', input, { ...(await asNeeded(operation)), env })
    }
  })
})

describe('the document', () => {
  const parts = (schema: JsonSchema): [string, JsonSchema][] => [
    ...Object.entries(schema.properties ?? {}).map(([key, part]): [string, JsonSchema] => [`.${key}`, part]),
    ...[schema.items ?? []].flat().map((part): [string, JsonSchema] => ['[]', part]),
    ...(schema.allOf ?? []).map((part): [string, JsonSchema] => ['&', part]),
    ...[...(schema.anyOf ?? []), ...(schema.oneOf ?? [])].map((part): [string, JsonSchema] => ['|', part]),
  ]
  /** A schema and all schemas written inside it, each with its location. */
  const within = (at: string, schema: JsonSchema): [string, JsonSchema][] => [
    [at, schema],
    ...parts(schema).flatMap(([key, part]) => within(at + key, part)),
  ]
  const named = Object.entries(document.components.schemas)
  const contents = documentedOperations.flatMap(({ operationId, requestBody, responses }) => [
    ...Object.entries(requestBody?.content ?? {}).map(([type, media]) => ({
      at: `${operationId} ${type}`,
      type,
      media,
    })),
    ...Object.entries(responses).flatMap(([status, { content = {} }]) =>
      Object.entries(content).map(([type, media]) => ({ at: `${operationId} ${status} ${type}`, type, media })),
    ),
  ])
  const parameters = documentedOperations.flatMap(({ operationId, parameters = [] }) =>
    parameters.map((parameter) => ({ at: `${operationId} ${parameter.name}`, media: parameter })),
  )
  const everySchema = [
    ...named.flatMap(([name, schema]) => within(name, schema)),
    ...[...contents, ...parameters].flatMap(({ at, media }) => (media.schema ? within(at, media.schema) : [])),
  ]

  test('contains each operation of the table under its own id, and no other', ({ task }) => {
    const ids = documentedOperations.map(({ operationId }) => operationId)
    expect(ids.toSorted()).toEqual(operations.map(({ route }) => route.operationId).toSorted())
    expect(new Set(ids).size).toBe(ids.length)
    task.meta.declared = documentedOperations.flatMap(({ operationId, responses }) =>
      Object.keys(responses)
        .filter((status) => status !== 'default')
        .map((status) => `${operationId} ${status}`),
    )
  })

  test.each(documentedOperations)(
    'documents all of $operationId: one tag, summary, description, security',
    (operation) => {
      expect(operation.tags).toHaveLength(1)
      expect(operation.summary).toMatch(/^[A-Z].*[^.]$/)
      expect(operation.description).toMatch(/^[A-Z`].*\.$/s)
      for (const requirement of operation.security ?? [{ undeclared: [] }])
        expect(['', 'accessToken']).toContain(Object.keys(requirement).join())
    },
  )

  test('gives every body a schema', () => {
    expect(contents.filter(({ media }) => !media.schema).map(({ at }) => at)).toEqual([])
  })

  test('has no schema that constrains nothing', () => {
    const says = (schema: JsonSchema) =>
      ['$ref', 'type', 'enum', 'const', 'allOf', 'anyOf', 'oneOf'].some((keyword) => keyword in schema)
    expect(everySchema.filter(([at, schema]) => !at.endsWith('&') && !says(schema)).map(([at]) => at)).toEqual([])
  })

  // The generator turns `.nullable()` on a named schema into an `allOf` of it and null, or into a nullable component.
  test('uses `anyOf` for a named schema or null', () => {
    const allowsNull = ({ type }: JsonSchema) => [type].flat().includes('null')
    const contradictory = everySchema.filter(([at, schema]) => at.endsWith('&') && allowsNull(schema)).map(([at]) => at)
    const nullable = named.filter(([, schema]) => allowsNull(schema)).map(([name]) => name)
    expect([...contradictory, ...nullable]).toEqual([])
  })

  test('bounds every numeric parameter', () => {
    const numeric = parameters.filter(({ media }) => ['integer', 'number'].includes(String(resolve(media.schema).type)))
    const unbounded = numeric.filter(({ media }) => {
      const { minimum, maximum } = resolve(media.schema)
      return minimum === undefined || maximum === undefined
    })
    expect(unbounded.map(({ at }) => at)).toEqual([])
  })

  // Client generators invent names for anonymous enums. A frame's `type` is a constant that tells frames apart.
  test('names every enum, including those of parameters', () => {
    const names = new Set(named.map(([name]) => name))
    const anonymous = everySchema.filter(
      ([at, { enum: values }]) => values && !names.has(at) && !/Frame\.type$/.test(at),
    )
    expect(anonymous.map(([at]) => at)).toEqual([])
  })

  test('names every page and every problem', () => {
    const isPage = ({ properties = {} }: JsonSchema) => 'items' in properties || 'nextCursor' in properties
    const names = new Set(named.map(([name]) => name))
    expect(everySchema.filter(([at, schema]) => isPage(schema) && !names.has(at)).map(([at]) => at)).toEqual([])
    for (const [name, schema] of named)
      if (isPage(schema)) expect(schema.required, name).toEqual(expect.arrayContaining(['items', 'nextCursor']))
    const problems = contents.filter(({ type }) => type === 'application/problem+json')
    const problem = Object.keys(resolve({ $ref: '#/components/schemas/Problem' }).properties ?? {})
    for (const { at, media } of problems) {
      expect(media.schema?.$ref, at).toMatch(/^#\/components\/schemas\/(Problem|\w+Refusal)$/)
      expect(Object.keys(resolve(media.schema ?? {}).properties ?? {}), at).toEqual(expect.arrayContaining(problem))
    }
  })

  test('describes a reference beside it, not in an intersection', () => {
    expect(everySchema.filter(([, schema]) => schema.allOf).map(([at]) => at)).toEqual([])
  })

  test('describes every schema, and every property of each', () => {
    const isDescribed = (schema: JsonSchema): boolean =>
      schema.description !== undefined ||
      (schema.$ref !== undefined && isDescribed(resolve(schema))) ||
      (schema.allOf ?? []).some(isDescribed)
    const properties = everySchema.flatMap(([at, { properties = {} }]) =>
      Object.entries(properties).map(([key, schema]): [string, JsonSchema] => [`${at}.${key}`, schema]),
    )
    const silent = [...named, ...properties].filter(([, schema]) => !isDescribed(schema))
    expect(silent.map(([at]) => at)).toEqual([])
  })

  test('describes every parameter', () => {
    const silent = parameters.filter(({ media }) => !media.description && !resolve(media.schema).description)
    expect(silent.map(({ at }) => at)).toEqual([])
  })

  test('has examples that match their schemas', () => {
    const shown = (example: unknown) => (example === undefined ? [] : [example])
    const wrong = [
      ...everySchema.map(([at, schema]) => ({
        at,
        schema,
        values: [...shown(schema.example), ...(schema.examples ?? [])],
      })),
      ...[...contents, ...parameters].map(({ at, media: { schema = {}, example, examples = {} } }) => ({
        at,
        schema,
        values: [...shown(example), ...Object.values(examples).map(({ value }) => value)],
      })),
    ].flatMap(({ at, schema, values }) =>
      values.flatMap((value) => schemaErrors(schema, value).map((error) => `${at}: ${error}`)),
    )
    expect(wrong).toEqual([])
  })

  const jsonContents = contents.filter(({ type }) => type.endsWith('json'))
  test.each(jsonContents)('shows a complete example of $at', ({ at, media }) => {
    expect(schemaErrors(media.schema ?? {}, mediaExample(media, at))).toEqual([])
  })
})
