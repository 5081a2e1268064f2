// Values that a schema of the document accepts: existing as often as made-up ones, with the edges of what is allowed.
import fc from 'fast-check'
import { type JsonSchema, resolve, schemaErrors } from '../support/check-response'
import type { Pools } from './world'

/** Texts that are known to break programs. */
export const oddTexts = [
  '',
  ' ',
  '\0',
  'a\0b',
  '\ud800',
  'a\udfff\ud800b',
  '\u202e\u2066',
  'e\u0301'.repeat(8),
  '👩‍👩‍👧‍👦🏳️‍🌈',
  '\uffff\ufffe\ufeff',
  "'; DROP TABLE users; --",
  '%_\\%',
  '"*" OR NEAR(a, b)',
  '<script>alert(1)</script>',
  '../../etc/passwd',
  '%00%E0%A4',
  '\r\nX-Injected: 1',
  '\n\t\u0085\u2028',
  'null',
  '-0',
  '1e309',
  'NaN',
  '[object Object]',
  '__proto__',
]

const isValid = (schema: JsonSchema) => (value: unknown) => schemaErrors(schema, value).length === 0

const longestText = 40

function texts({ minLength = 0, maxLength = 200 }: JsonSchema): fc.Arbitrary<string>[] {
  const length = { minLength, maxLength: Math.min(maxLength, Math.max(minLength, longestText)) }
  return [
    fc.string({ unit: 'grapheme', ...length }),
    fc.string({ unit: 'binary', ...length }),
    fc.constantFrom(...oddTexts),
    fc.constantFrom('x', 'é', '🦊').map((unit) => unit.repeat(maxLength)),
  ]
}

const dateTimes = fc
  .date({ noInvalidDate: true, min: new Date(0), max: new Date('9999-12-31T00:00:00Z') })
  .map((date) => date.toISOString())

function madeFor(schema: JsonSchema): fc.Arbitrary<string>[] {
  if (schema.pattern) return [fc.stringMatching(new RegExp(schema.pattern))]
  if (schema.format === 'date-time') return [dateTimes]
  // Otherwise random text would be tried until some fits, which takes forever.
  if (schema.format) throw new Error(`A string of format ${schema.format} needs a pattern to be made by`)
  return texts(schema)
}

function strings(schema: JsonSchema, pool: readonly string[]): fc.Arbitrary<unknown> {
  const made = madeFor(schema)
  const weighted = made.map((arbitrary) => ({ weight: 1, arbitrary }))
  const known = pool.length > 0 ? [{ weight: 6, arbitrary: fc.constantFrom(...pool) }] : []
  return fc.oneof(...known, ...weighted).filter(isValid(schema))
}

const poolOf = ({ pattern = '' }: JsonSchema, pools: Pools, name: string) =>
  pools[/^\^(?:\(\?:)?([a-z]{3}_)/.exec(pattern)?.[1] ?? name] ?? []

const ofType = (schema: JsonSchema, type: string, pools: Pools, name: string): fc.Arbitrary<unknown> => {
  const { minimum = -1_000, maximum = 1_000 } = schema
  switch (type) {
    case 'null':
      return fc.constant(null)
    case 'boolean':
      return fc.boolean()
    case 'integer':
      return fc.oneof(fc.integer({ min: minimum, max: maximum }), fc.constantFrom(minimum, maximum))
    case 'string':
      return strings({ ...schema, type: 'string' }, poolOf(schema, pools, name))
    case 'array':
      return arrays(schema, pools, name)
    case 'object':
      return objects(schema, pools)
    default:
      throw new Error(`There are no values for the type ${type} yet`)
  }
}

const itemsMax = 4

function arrays(schema: JsonSchema, pools: Pools, name: string): fc.Arbitrary<unknown> {
  const { items = {}, minItems = 0, maxItems = itemsMax, uniqueItems } = schema
  const length = { minLength: minItems, maxLength: Math.min(maxItems, itemsMax) }
  const item = valuesOf(items, pools, name)
  return uniqueItems ? fc.uniqueArray(item, length) : fc.array(item, length)
}

/** An object of an app's own, of which the service knows nothing. */
const anyObjects = fc.oneof(
  fc.constant({}),
  fc.dictionary(fc.string({ maxLength: 10 }), fc.jsonValue({ maxDepth: 3 }), { maxKeys: 4 }),
  fc.constantFrom(...oddTexts).map((text) => Object.fromEntries([[text, [text]]])),
)

function objects(schema: JsonSchema, pools: Pools): fc.Arbitrary<unknown> {
  const { properties = {}, required = [], additionalProperties } = schema
  if (additionalProperties === true) return anyObjects
  const members = Object.entries(properties).map(([key, part]): [string, fc.Arbitrary<unknown>] => [
    key,
    valuesOf(part, pools, key),
  ])
  return fc.record<Record<string, unknown>>(Object.fromEntries(members), { requiredKeys: required })
}

/** Null, where it is a choice, is a rare one. */
const oftenSomething = (choices: [type: JsonSchema['type'], values: fc.Arbitrary<unknown>][]) =>
  fc.oneof(...choices.map(([type, arbitrary]) => ({ weight: type === 'null' ? 1 : 4, arbitrary })))

/** Values that the schema accepts; the name is that of the field or the parameter. */
export function valuesOf(schema: JsonSchema, pools: Pools, name: string): fc.Arbitrary<unknown> {
  const { $ref: _, ...target } = resolve(schema)
  if (target.allOf) {
    const { allOf, ...beside } = target
    return valuesOf(Object.assign({}, ...allOf.map(resolve), beside), pools, name)
  }
  const alternatives = target.anyOf ?? target.oneOf
  if (alternatives) return oftenSomething(alternatives.map((one) => [one.type, valuesOf(one, pools, name)]))
  if (target.enum) return fc.constantFrom(...target.enum)
  if (target.const !== undefined) return fc.constant(target.const)
  return oftenSomething([target.type ?? []].flat().map((type) => [type, ofType(target, type, pools, name)]))
}
