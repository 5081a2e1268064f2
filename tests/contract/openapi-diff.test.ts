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

describe('what breaks a client', () => {
  test.each<[string, Documented, Documented, string]>([
    ['an operation that is gone', sending(text), { paths: {} }, 'makeThing: POST /things is gone'],
    [
      'another operationId',
      sending(text),
      withOperation({ operationId: 'createThing', requestBody: json(text) }),
      'makeThing: its operationId is createThing now',
    ],
    ['a status that is gone', answering(text), withOperation({}), 'makeThing 200: is gone'],
    [
      'a content type that is gone',
      answering(text),
      withOperation({ responses: { 200: { content: { 'text/plain': { schema: text } } } } }),
      'makeThing 200 body: application/json is gone',
    ],
    [
      'a header that is gone',
      withOperation({ responses: { 200: { headers: { ETag: {} } } } }),
      withOperation({ responses: { 200: {} } }),
      'makeThing 200: the header ETag is gone',
    ],
    [
      'a token that is needed',
      withOperation({ security: [] }),
      withOperation({ security: [{ accessToken: [] }] }),
      'makeThing: needs a token now',
    ],
    [
      'a field of an answer that is gone or has another name',
      answering(object({ name: text, size: text })),
      answering(object({ title: text, size: text })),
      'makeThing 200 body.name, read: is gone',
    ],
    [
      'a field of an answer that may be missing',
      answering(object({ name: text }, ['name'])),
      answering(object({ name: text })),
      'makeThing 200 body.name, read: may be missing now',
    ],
    [
      'an answer that may be null',
      answering(object({ name: text })),
      answering(object({ name: { type: ['string', 'null'] } })),
      'makeThing 200 body.name, read: may be null now',
    ],
    [
      'a field of another type, deep inside',
      answering({ type: 'array', items: object({ size: { type: 'integer' } }) }),
      answering({ type: 'array', items: object({ size: { type: 'number' } }) }),
      'makeThing 200 body[].size, read: may be number now',
    ],
    [
      'another format',
      answering({ type: 'string', format: 'date-time' }),
      answering(text),
      'makeThing 200 body, read: its format is now none, and was date-time',
    ],
    [
      'a value of an enum that is gone',
      answering({ type: 'string', enum: ['a', 'b'] }),
      answering({ type: 'string', enum: ['a'] }),
      'makeThing 200 body, read: the value "b" is gone',
    ],
    [
      'a narrower enum to send',
      sending({ type: 'string', enum: ['a', 'b'] }),
      sending({ type: 'string', enum: ['a', 'c'] }),
      'makeThing body, sent: the value "b" is gone',
    ],
    [
      'an enum where any text was taken',
      sending(text),
      sending({ type: 'string', enum: ['a'] }),
      'makeThing body, sent: only some values are now accepted',
    ],
    [
      'a new field that must be sent',
      sending(object({ name: text })),
      sending(object({ name: text, size: text }, ['size'])),
      'makeThing body.size, sent: is required now',
    ],
    [
      'a field that must be sent now',
      sending(object({ name: text })),
      sending(object({ name: text }, ['name'])),
      'makeThing body.name, sent: is required now',
    ],
    [
      'a field that is not taken any more',
      sending(object({ name: text, size: text })),
      sending(object({ name: text })),
      'makeThing body.size, sent: is gone',
    ],
    [
      'null that is not taken any more',
      sending({ anyOf: [text, { type: 'null' }] }),
      sending(text),
      'makeThing body, sent: null is no longer accepted',
    ],
    [
      'unknown fields that are refused',
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
    [
      'a bound where none was',
      sending(text),
      sending({ ...text, minLength: 1 }),
      'makeThing body, sent: minLength is 1 now',
    ],
    [
      'another pattern',
      sending(text),
      sending({ ...text, pattern: '^a' }),
      'makeThing body, sent: its pattern changed',
    ],
    [
      'a body that must be sent',
      withOperation({}),
      withOperation({ requestBody: { required: true, ...json(text) } }),
      'makeThing body: is required now',
    ],
    [
      'a parameter that is gone',
      asking({ name: 'limit', in: 'query', schema: text }),
      asking(),
      'makeThing query limit: is gone',
    ],
    [
      'a parameter that must be sent',
      asking({ name: 'limit', in: 'query', schema: text }),
      asking({ name: 'limit', in: 'query', schema: text, required: true }),
      'makeThing query limit: is required now',
    ],
    [
      'a kind of a union that is gone',
      union('A', 'B'),
      { ...union('A'), components: union('A', 'B').components ?? {} },
      'makeThing 200 body, read: B is gone',
    ],
    [
      'a schema of another name',
      withOperation({ responses: { 200: json(ref('Thing')) } }, { Thing: object({}) }),
      withOperation({ responses: { 200: json(ref('Item')) } }, { Item: object({}) }),
      'Thing: the schema is gone',
    ],
  ])('%s', (_, old, now, line) => {
    expect(breakingChanges(old, now)).toEqual([line])
  })

  test('a change of a component is said once, however many answers hold it', () => {
    const thing = (properties: Record<string, Schema>): Documented => {
      const pair = object({ one: ref('Thing'), other: { anyOf: [ref('Thing'), { type: 'null' }] } })
      return withOperation(
        { responses: { 200: json(ref('Thing')), 201: json(pair) } },
        { Thing: object({ ...properties, inside: { type: 'array', items: ref('Thing') } }) },
      )
    }
    expect(breakingChanges(thing({ name: text }), thing({}))).toEqual(['Thing.name, read: is gone'])
  })

  test('what clients send by other ways than a request', () => {
    const frame = (required: string[]): Documented => ({
      paths: {},
      components: { schemas: { Frame: object({ id: text }, required) } },
    })
    expect(breakingChanges(frame([]), frame(['id']), ['Frame'])).toEqual(['Frame.id, sent: is required now'])
  })
})

describe('what breaks no client', () => {
  test.each<[string, Documented, Documented]>([
    ['a new operation', { paths: {} }, sending(text)],
    ['a new status', answering(text), withOperation({ responses: { 200: json(text), 409: json(text) } })],
    ['a new field of an answer', answering(object({ name: text })), answering(object({ name: text, size: text }))],
    ['a new field that need not be sent', sending(object({ name: text })), sending(object({ name: text, size: text }))],
    [
      'a field that need not be sent any more',
      sending(object({ name: text }, ['name'])),
      sending(object({ name: text })),
    ],
    [
      'a field that is always there now',
      answering(object({ name: text })),
      answering(object({ name: text }, ['name'])),
    ],
    ['an answer that is never null any more', answering({ type: ['string', 'null'] }), answering(text)],
    ['null that is taken now', sending(text), sending({ anyOf: [text, { type: 'null' }] })],
    ['any number where an integer was taken', sending({ type: 'integer' }), sending({ type: 'number' })],
    ['an integer where a number was read', answering({ type: 'number' }), answering({ type: 'integer' })],
    ['a wider enum to send', sending({ enum: ['a'] }), sending({ enum: ['a', 'b'] })],
    ['a new value to read', answering({ enum: ['a'] }), answering({ enum: ['a', 'b'] })],
    ['a new kind of a union', union('A', 'B'), union('A', 'B', 'C')],
    ['a wider bound', sending({ ...text, maxLength: 32 }), sending({ ...text, maxLength: 64 })],
    ['a new parameter that need not be sent', asking(), asking({ name: 'limit', in: 'query', schema: text })],
    ['a token that is not needed any more', withOperation({ security: [{ accessToken: [] }] }), withOperation({})],
    [
      'a part that got a name',
      answering(object({ name: text })),
      withOperation({ responses: { 200: json(ref('Thing')) } }, { Thing: object({ name: text }) }),
    ],
    ['a description beside a named part', answering(text), answering({ allOf: [text, { description: 'New.' }] })],
    [
      'a named part that is one of two now',
      withOperation({ requestBody: json(ref('A')) }, { A: object({ a: text }) }),
      withOperation({ requestBody: json({ anyOf: [ref('A'), ref('B')] }) }, { A: object({ a: text }), B: object({}) }),
    ],
  ])('%s', (_, old, now) => {
    expect(breakingChanges(old, now)).toEqual([])
  })

  test('the present document, compared with itself', () => {
    const document: Documented = JSON.parse(documentText())
    expect(breakingChanges(document, document, ['ClientFrame'])).toEqual([])
  })
})

describe('a break of the released document', () => {
  const line = 'Thing.name, read: is gone'
  const listed = (...breaks: string[]) => breaks.map((one) => ({ break: one, reason: 'Nobody reads it.' }))

  test('that the list does not hold fails', () => {
    expect(unsettled([line, 'Thing: the schema is gone'], listed(line))).toEqual({
      refused: ['Thing: the schema is gone'],
      stale: [],
    })
  })

  test('that the list holds passes', () => {
    expect(unsettled([line], listed(line))).toEqual({ refused: [], stale: [] })
  })

  test('that the list holds and does not occur fails', () => {
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
