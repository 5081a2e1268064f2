import { describe, expect, test } from 'vitest'
import { documentText } from '../../openapi/document'
import { withEnumNames } from '../../openapi/enum-names'
import { withOpenAnswers } from '../../openapi/open-answers'
import { call, type Input } from '../support/call'
import {
  type DocumentedOperationAt,
  document,
  documentedOperations,
  type JsonSchema,
  type Parameter,
  resolve,
} from '../support/check-response'
import { mediaExample } from '../support/example-input'
import { newUser } from '../support/users'

// What generators of other languages make of the document. `npm run test:languages` generates, compiles, and runs them.

type Located = [at: string, schema: JsonSchema]

const components = document.components.schemas
const componentOf = ({ $ref }: JsonSchema) => $ref?.slice('#/components/schemas/'.length)

const partsOf = ([at, schema]: Located): Located[] => [
  ...Object.entries(schema.properties ?? {}).map(([key, part]): Located => [`${at}.${key}`, part]),
  ...[schema.items ?? []].flat().map((part): Located => [`${at}[]`, part]),
  ...[...(schema.allOf ?? []), ...(schema.anyOf ?? []), ...(schema.oneOf ?? [])].map((part): Located => [at, part]),
]

/** The schemas and all within them, those of components included, each once. */
function reached(roots: Located[]): Located[] {
  const seen = new Set<string>()
  const visit = (located: Located): Located[] => {
    const [, schema] = located
    const name = componentOf(schema)
    if (name === undefined) return [located, ...partsOf(located).flatMap(visit)]
    if (seen.has(name)) return [located]
    seen.add(name)
    return [located, ...visit([name, resolve(schema)])]
  }
  return roots.flatMap(visit)
}

const schemasOf = (at: string, content: Record<string, { schema?: JsonSchema }> = {}) =>
  Object.entries(content).flatMap(([type, { schema }]): Located[] => (schema ? [[`${at} ${type}`, schema]] : []))

const answers = reached([
  ['ServerFrame', { $ref: '#/components/schemas/ServerFrame' }],
  ...documentedOperations.flatMap(({ operationId, responses }) =>
    Object.entries(responses).flatMap(([status, { content }]) => schemasOf(`${operationId} ${status}`, content)),
  ),
])

const requests = reached([
  ['ClientFrame', { $ref: '#/components/schemas/ClientFrame' }],
  ...documentedOperations.flatMap(({ operationId, parameters = [], requestBody }) => [
    ...parameters.map(({ name, schema }): Located => [`${operationId} ${name}`, schema]),
    ...schemasOf(operationId, requestBody?.content),
  ]),
])

const places = (located: Located[], isWrong: (schema: JsonSchema, at: string) => boolean) =>
  located.filter(([at, schema]) => isWrong(schema, at)).map(([at]) => at)

const typesOf = ({ type }: JsonSchema) => [type].flat()
const isFrameType = (at: string) => /Frame\.type$/.test(at)

/** Every object in the document: schemas wherever they are, such as those of headers. */
function objectsIn(value: unknown, at = ''): { at: string; value: Record<string, unknown> }[] {
  if (Array.isArray(value)) return value.flatMap((item, index) => objectsIn(item, `${at}/${index}`))
  if (typeof value !== 'object' || value === null) return []
  const found = Object.entries(value).flatMap(([key, part]) =>
    key === 'example' || key === 'examples' ? [] : objectsIn(part, `${at}/${key}`),
  )
  return [{ at, value: { ...value } }, ...found]
}

describe('the document', () => {
  test('has no schema that is null alone, but for the other side of a choice', () => {
    const isAlone = (schema: JsonSchema) => typesOf(schema).every((type) => type === 'null')
    const choices = new Set([...answers, ...requests].flatMap(([, { anyOf = [] }]) => anyOf))
    expect(
      places([...answers, ...requests], (schema) => 'type' in schema && isAlone(schema) && !choices.has(schema)),
    ).toEqual([])
  })

  test('gives every integer a width that holds its bounds', () => {
    const integers = objectsIn(document).filter(({ value }) => [value['type']].flat().includes('integer'))
    expect(integers.length).toBeGreaterThan(20)
    expect(integers.filter(({ value }) => !/^int(32|64)$/.test(String(value['format']))).map(({ at }) => at)).toEqual(
      [],
    )
    const tooLarge = integers.filter(
      ({ value: { format, maximum, example } }) =>
        format === 'int32' && Math.max(Number(maximum ?? 0), Number(example ?? 0)) > 2 ** 31,
    )
    expect(tooLarge.map(({ at }) => at)).toEqual([])
    const wide = ['StoredFile.size', 'Attachment.size', 'StorageUsage.bytes', 'StorageUsage.bytesMax', 'Network.asn']
    expect(places(answers, (schema, at) => wide.includes(at) && schema.format === 'int64').toSorted()).toEqual(
      wide.toSorted(),
    )
  })

  test('has no component that shares its constructor with another', () => {
    expect(Object.keys(components).filter((name) => `New${name}` in components)).toEqual([])
  })

  test('has no content at 1xx, and no content type that is a range', () => {
    for (const { responses, requestBody, operationId } of documentedOperations) {
      for (const [status, { content }] of Object.entries(responses))
        if (status.startsWith('1')) expect(content, `${operationId} ${status}`).toBeUndefined()
      for (const { content = {} } of [...Object.values(responses), requestBody ?? {}])
        expect(
          Object.keys(content).filter((type) => type.includes('*')),
          operationId,
        ).toEqual([])
    }
  })

  test('restricts no answer: no patterns, no bounds, no closed enums', () => {
    const restrictions = [
      'pattern',
      'minLength',
      'maxLength',
      'minItems',
      'maxItems',
      'uniqueItems',
      'minimum',
      'maximum',
    ]
    expect(places(answers, (schema) => restrictions.some((keyword) => keyword in schema))).toEqual([])
    expect(places(answers, (schema, at) => schema.enum !== undefined && !isFrameType(at))).toEqual([])
    expect(places(answers, (schema) => schema['additionalProperties'] === false)).toEqual([])
  })

  test('lists the known values of an answer, and names the component that has them', () => {
    const open = answers.filter(([, schema]) => 'x-extensible-enum' in schema)
    expect(open.map(([at]) => at)).toEqual(
      expect.arrayContaining(['Chat.kind', 'Message.status', 'Session.platform', 'Me.messageAudience', 'Problem.code']),
    )
    for (const [at, schema] of open) {
      expect(typesOf(schema), at).toContain('string')
      const [, name = ''] = /One of `(\w+)`: /.exec(String(schema.description)) ?? []
      expect(Reflect.get(schema, 'x-extensible-enum'), at).toEqual(components[name]?.enum)
    }
  })

  test('keeps the rules for what is sent', () => {
    const ids = requests.filter(
      ([at]) =>
        /(?:Id|Ids\[\]| reader| before| after| around)$/.test(at) &&
        !/client|searchMessages (?:before|after)/i.test(at),
    )
    const isFree = (schema: JsonSchema) =>
      resolve(schema).pattern === undefined && typesOf(resolve(schema)).includes('string')
    expect(ids.length).toBeGreaterThan(20)
    expect(places(ids, (schema, at) => isFree(schema) && !at.includes('Frame.id'))).toEqual([])
    expect(places(requests, (schema) => 'x-extensible-enum' in schema)).toEqual([])
    for (const name of ['Platform', 'Channel', 'Audience', 'ReportReason'])
      expect(
        requests.some(([at]) => at === name),
        name,
      ).toBe(true)
  })

  test('has enums whose constants do not collide where constants have no scope', () => {
    const names = Object.values(components).flatMap(({ enum: values = [], ...schema }) =>
      values.map((value, index) => {
        const given: unknown = Reflect.get(schema, 'x-enum-varnames')
        return Array.isArray(given) ? String(given[index]) : String(value).toUpperCase()
      }),
    )
    expect(names.filter((name, index) => names.indexOf(name) !== index)).toEqual([])
  })

  test('lists its components in alphabetical order, however the modules are loaded', () => {
    expect(Object.keys(components)).toEqual(Object.keys(components).toSorted())
  })

  test('declares open what needs no token', () => {
    const open = documentedOperations.filter(({ security = [] }) => security.length === 0)
    expect(open.map(({ operationId }) => operationId).toSorted()).toEqual([
      'getHealth',
      'getNetwork',
      'refreshTokens',
      'sendOtp',
      'verifyOtp',
    ])
    const optional = documentedOperations.filter(({ security = [] }) =>
      security.some((one) => Object.keys(one).length === 0),
    )
    expect(optional.map(({ operationId }) => operationId).toSorted()).toEqual(['connectRealtime', 'getFile'])
  })
})

describe('a document', () => {
  const described = (schemas: Record<string, object>) => ({ paths: {}, schemas: JSON.parse(JSON.stringify(schemas)) })

  test('whose requests and answers share an object is refused', () => {
    const sharing = described({
      Both: { type: 'object', properties: {} },
      ServerFrame: { oneOf: [{ $ref: '#/components/schemas/Both' }] },
      ClientFrame: { oneOf: [{ $ref: '#/components/schemas/Both' }] },
    })
    expect(() => withOpenAnswers(sharing)).toThrow(/^Both is both sent and read/)
  })

  test('gets names for the values that two enums share, but not for an enum with a default', () => {
    const enums = {
      Audience: { enum: ['nobody', 'everyone'] },
      Kind: { enum: ['self'] },
      Scope: { enum: ['me', 'everyone'], default: 'me' },
    }
    expect(withEnumNames(enums)).toEqual({
      ...enums,
      Audience: { ...enums.Audience, 'x-enum-varnames': ['NOBODY', 'AUDIENCE_EVERYONE'] },
    })
  })

  test('is the same each time', () => {
    expect(documentText()).toBe(`${JSON.stringify(document, null, 2)}\n`)
  })
})

describe('a call that Swagger UI has filled in', () => {
  /** The value in the field of a parameter, as Swagger UI takes it: an example, or else the default. */
  function filledIn({ example, examples = {}, schema }: Parameter): unknown {
    const [first] = Object.values(examples)
    const whole = { ...resolve(schema), ...schema }
    return first?.value ?? example ?? whole.example ?? whole.default
  }

  function inputOf({ parameters = [], requestBody, operationId }: DocumentedOperationAt): Input {
    const fields = (place: Parameter['in']) =>
      Object.fromEntries(
        parameters
          .filter((parameter) => parameter.in === place)
          .map((parameter): [string, unknown] => [parameter.name, filledIn(parameter)])
          .filter(([, value]) => value !== undefined)
          .map(([name, value]) => [name, String(value)]),
      )
    const json = requestBody?.content['application/json']
    const form = new FormData()
    form.set('file', new File(['whatever the user chooses'], 'notes.txt', { type: 'text/plain' }))
    return {
      params: fields('path'),
      query: fields('query'),
      headers: fields('header'),
      ...(json ? { body: mediaExample(json, operationId) } : requestBody && { raw: form }),
    }
  }

  /** Made-up tokens are refused as such. */
  const refusedTokens = new Map([['refreshTokens', 401]])
  const upgrades = new Map([['connectRealtime', 101]])

  test.each(documentedOperations)('succeeds, or does not find the made-up ID: $operationId', async (operation) => {
    const { operationId, responses } = operation
    const { status, body } = await call(operationId, inputOf(operation), { as: await newUser() })
    const expected = refusedTokens.get(operationId) ?? upgrades.get(operationId)
    const isFine = expected === undefined ? (status >= 200 && status < 300) || status === 404 : status === expected
    expect(isFine, `${status} ${JSON.stringify(body)}`).toBe(true)
    expect(Object.keys(responses)).toContain(String(status))
  })

  test('has no value for an optional parameter but its default', () => {
    const optional = documentedOperations.flatMap(({ operationId, parameters = [] }) =>
      parameters
        .filter(({ required }) => !required)
        .map((parameter) => ({ at: `${operationId} ${parameter.name}`, parameter })),
    )
    const isOdd = (parameter: Parameter) =>
      filledIn(parameter) !== { ...resolve(parameter.schema), ...parameter.schema }.default
    expect(optional.filter(({ parameter }) => isOdd(parameter)).map(({ at }) => at)).toEqual([])
  })
})
