import { describe, expect, test } from 'vitest'
import { parseAcceptedBreaks, unsettled } from '../../openapi/accepted-breaks'
import { breakingChanges, type Documented } from '../../openapi/breaking-changes'
import { documentText } from '../../openapi/document'

type Schema = NonNullable<NonNullable<Documented['components']>['schemas']>[string]
type Operation = Documented['paths'][string][string]

const json = (schema: Schema) => ({ content: { 'application/json': { schema } } })
const withOperation = (operation: Operation, schemas: Record<string, Schema> = {}): Documented => ({
  paths: { '/things': { post: { operationId: 'makeThing', responses: {}, ...operation } } },
  components: { schemas },
})
const sending = (schema: Schema) => withOperation({ requestBody: json(schema) })
const answering = (schema: Schema) => withOperation({ responses: { 200: json(schema) } })
const asking = (...parameters: NonNullable<Operation['parameters']>) => withOperation({ parameters })
const object = (properties: Record<string, Schema>, required: string[] = [], rest: Schema = {}): Schema => ({
  type: 'object',
  properties,
  required,
  ...rest,
})
const text = { type: 'string' }
const ref = (name: string) => ({ $ref: `#/components/schemas/${name}` })
const kind = (name: string) => object({ type: { enum: [name] } }, ['type'])
const union = (...names: string[]) =>
  withOperation(
    { responses: { 200: json({ oneOf: names.map(ref), discriminator: { propertyName: 'type' } }) } },
    Object.fromEntries(names.map((name) => [name, kind(name)])),
  )

describe('a breaking change:', () => {
  test.each<[string, Documented, Documented, string]>([
    ['a removed operation', sending(text), { paths: {} }, 'makeThing: POST /things is gone'],
    [
      'a changed operationId',
      sending(text),
      withOperation({ operationId: 'createThing', requestBody: json(text) }),
      'makeThing: its operationId is createThing now',
    ],
    ['a removed status', answering(text), withOperation({}), 'makeThing 200: is gone'],
    [
      'a removed content type',
      answering(text),
      withOperation({ responses: { 200: { content: { 'text/plain': { schema: text } } } } }),
      'makeThing 200 body: application/json is gone',
    ],
    [
      'a removed header',
      withOperation({ responses: { 200: { headers: { ETag: {} } } } }),
      withOperation({ responses: { 200: {} } }),
      'makeThing 200: the header ETag is gone',
    ],
    [
      'a token that becomes required',
      withOperation({ security: [] }),
      withOperation({ security: [{ accessToken: [] }] }),
      'makeThing: needs a token now',
    ],
    [
      'a response field that is removed or renamed',
      answering(object({ name: text, size: text })),
      answering(object({ title: text, size: text })),
      'makeThing 200 body.name, read: is gone',
    ],
    [
      'a response field that becomes optional',
      answering(object({ name: text }, ['name'])),
      answering(object({ name: text })),
      'makeThing 200 body.name, read: may be missing now',
    ],
    [
      'a response that becomes nullable',
      answering(object({ name: text })),
      answering(object({ name: { type: ['string', 'null'] } })),
      'makeThing 200 body.name, read: may be null now',
    ],
    [
      'a deeply nested field that changes its type',
      answering({ type: 'array', items: object({ size: { type: 'integer' } }) }),
      answering({ type: 'array', items: object({ size: { type: 'number' } }) }),
      'makeThing 200 body[].size, read: may be number now',
    ],
    [
      'a changed format',
      answering({ type: 'string', format: 'date-time' }),
      answering(text),
      'makeThing 200 body, read: its format is now none, and was date-time',
    ],
    [
      'a removed enum value',
      answering({ type: 'string', enum: ['a', 'b'] }),
      answering({ type: 'string', enum: ['a'] }),
      'makeThing 200 body, read: the value "b" is gone',
    ],
    [
      'a known value of an open enum in a response that is gone',
      answering({ ...text, 'x-extensible-enum': ['a', 'b'] }),
      answering({ ...text, 'x-extensible-enum': ['a'] }),
      'makeThing 200 body, read: the value "b" is gone',
    ],
    [
      'a narrower enum in a request',
      sending({ type: 'string', enum: ['a', 'b'] }),
      sending({ type: 'string', enum: ['a', 'c'] }),
      'makeThing body, sent: the value "b" is gone',
    ],
    [
      'an enum in a request that accepted any text',
      sending(text),
      sending({ type: 'string', enum: ['a'] }),
      'makeThing body, sent: only some values are now accepted',
    ],
    [
      'a new required request field',
      sending(object({ name: text })),
      sending(object({ name: text, size: text }, ['size'])),
      'makeThing body.size, sent: is required now',
    ],
    [
      'a request field that becomes required',
      sending(object({ name: text })),
      sending(object({ name: text }, ['name'])),
      'makeThing body.name, sent: is required now',
    ],
    [
      'a request field that is no longer accepted',
      sending(object({ name: text, size: text })),
      sending(object({ name: text })),
      'makeThing body.size, sent: is gone',
    ],
    [
      'a request that no longer accepts null',
      sending({ anyOf: [text, { type: 'null' }] }),
      sending(text),
      'makeThing body, sent: null is no longer accepted',
    ],
    [
      'unknown request fields that are rejected',
      sending(object({ name: text })),
      sending(object({ name: text }, [], { additionalProperties: false })),
      'makeThing body, sent: unknown fields are refused now',
    ],
    [
      'a tighter bound',
      sending({ type: 'string', maxLength: 64 }),
      sending({ type: 'string', maxLength: 32 }),
      'makeThing body, sent: maxLength is 32 now',
    ],
    ['a new bound', sending(text), sending({ ...text, minLength: 1 }), 'makeThing body, sent: minLength is 1 now'],
    [
      'a changed pattern',
      sending(text),
      sending({ ...text, pattern: '^a' }),
      'makeThing body, sent: its pattern changed',
    ],
    [
      'a body that becomes required',
      withOperation({}),
      withOperation({ requestBody: { required: true, ...json(text) } }),
      'makeThing body: is required now',
    ],
    [
      'a removed parameter',
      asking({ name: 'limit', in: 'query', schema: text }),
      asking(),
      'makeThing query limit: is gone',
    ],
    [
      'a parameter that becomes required',
      asking({ name: 'limit', in: 'query', schema: text }),
      asking({ name: 'limit', in: 'query', schema: text, required: true }),
      'makeThing query limit: is required now',
    ],
    [
      'a removed union member',
      union('A', 'B'),
      { ...union('A'), components: union('A', 'B').components ?? {} },
      'makeThing 200 body, read: B is gone',
    ],
    [
      'a renamed schema',
      withOperation({ responses: { 200: json(ref('Thing')) } }, { Thing: object({}) }),
      withOperation({ responses: { 200: json(ref('Item')) } }, { Item: object({}) }),
      'Thing: the schema is gone',
    ],
  ])('%s', (_, old, now, line) => {
    expect(breakingChanges(old, now)).toEqual([line])
  })

  test('a change to a component is reported once, however many responses contain it', () => {
    const thing = (properties: Record<string, Schema>): Documented => {
      const pair = object({ one: ref('Thing'), other: { anyOf: [ref('Thing'), { type: 'null' }] } })
      return withOperation(
        { responses: { 200: json(ref('Thing')), 201: json(pair) } },
        { Thing: object({ ...properties, inside: { type: 'array', items: ref('Thing') } }) },
      )
    }
    expect(breakingChanges(thing({ name: text }), thing({}))).toEqual(['Thing.name, read: is gone'])
  })

  test('a change to what clients send other than in a request', () => {
    const frame = (required: string[]): Documented => ({
      paths: {},
      components: { schemas: { Frame: object({ id: text }, required) } },
    })
    expect(breakingChanges(frame([]), frame(['id']), ['Frame'])).toEqual(['Frame.id, sent: is required now'])
  })
})

describe('not a breaking change:', () => {
  test.each<[string, Documented, Documented]>([
    ['a new operation', { paths: {} }, sending(text)],
    ['a new status', answering(text), withOperation({ responses: { 200: json(text), 409: json(text) } })],
    ['a new response field', answering(object({ name: text })), answering(object({ name: text, size: text }))],
    ['a new optional request field', sending(object({ name: text })), sending(object({ name: text, size: text }))],
    [
      'a request field that becomes optional',
      sending(object({ name: text }, ['name'])),
      sending(object({ name: text })),
    ],
    [
      'a response field that becomes required',
      answering(object({ name: text })),
      answering(object({ name: text }, ['name'])),
    ],
    ['a response that is no longer nullable', answering({ type: ['string', 'null'] }), answering(text)],
    ['a request that now accepts null', sending(text), sending({ anyOf: [text, { type: 'null' }] })],
    [
      'a request that accepts any number instead of an integer',
      sending({ type: 'integer' }),
      sending({ type: 'number' }),
    ],
    [
      'a response that returns an integer instead of a number',
      answering({ type: 'number' }),
      answering({ type: 'integer' }),
    ],
    ['a wider enum in a request', sending({ enum: ['a'] }), sending({ enum: ['a', 'b'] })],
    ['a new enum value in a response', answering({ enum: ['a'] }), answering({ enum: ['a', 'b'] })],
    [
      'a new known value of an open enum in a response',
      answering({ ...text, 'x-extensible-enum': ['a'] }),
      answering({ ...text, 'x-extensible-enum': ['a', 'b'] }),
    ],
    ['a new union member', union('A', 'B'), union('A', 'B', 'C')],
    ['a looser bound', sending({ ...text, maxLength: 32 }), sending({ ...text, maxLength: 64 })],
    ['a new optional parameter', asking(), asking({ name: 'limit', in: 'query', schema: text })],
    ['a token that is no longer required', withOperation({ security: [{ accessToken: [] }] }), withOperation({})],
    [
      'an inline schema that gets a name',
      answering(object({ name: text })),
      withOperation({ responses: { 200: json(ref('Thing')) } }, { Thing: object({ name: text }) }),
    ],
    ['a description beside a named schema', answering(text), answering({ allOf: [text, { description: 'New.' }] })],
    [
      'a named schema that becomes one of two',
      withOperation({ requestBody: json(ref('A')) }, { A: object({ a: text }) }),
      withOperation({ requestBody: json({ anyOf: [ref('A'), ref('B')] }) }, { A: object({ a: text }), B: object({}) }),
    ],
  ])('%s', (_, old, now) => {
    expect(breakingChanges(old, now)).toEqual([])
  })

  test('the current document compared with itself', () => {
    const document: Documented = JSON.parse(documentText())
    expect(breakingChanges(document, document, ['ClientFrame'])).toEqual([])
  })
})

describe('a break with the released document', () => {
  const line = 'Thing.name, read: is gone'
  const listed = (...breaks: string[]) => breaks.map((one) => ({ break: one, reason: 'Nobody reads it.' }))

  test('that is not on the list of accepted breaks fails', () => {
    expect(unsettled([line, 'Thing: the schema is gone'], listed(line))).toEqual({
      refused: ['Thing: the schema is gone'],
      stale: [],
    })
  })

  test('that is on the list passes', () => {
    expect(unsettled([line], listed(line))).toEqual({ refused: [], stale: [] })
  })

  test('that is on the list but does not occur fails', () => {
    expect(unsettled([line], listed(line, 'Thing.size, read: is gone'))).toEqual({
      refused: [],
      stale: ['Thing.size, read: is gone'],
    })
  })

  test('is listed with a reason', () => {
    expect(parseAcceptedBreaks(JSON.stringify(listed(line)))).toEqual(listed(line))
    for (const entries of [
      [{ break: line }],
      [{ break: line, reason: ' ' }],
      [{ reason: 'None.' }],
      [line],
      [null],
      {},
    ])
      expect(() => parseAcceptedBreaks(JSON.stringify(entries))).toThrow(/accepted break/i)
  })
})
