// Values that a schema of the document surely rejects, each one step away from a value that it accepts.
import { type JsonSchema, resolve, schemaErrors } from '../support/check-response'
import { oddTexts } from './values'

const others: unknown[] = [null, true, 0, -1, 1.5, 'text', [], {}, [null], { id: 1 }]

const joined = (schema: JsonSchema): JsonSchema => {
  const target = resolve(schema)
  return target.allOf ? Object.assign({}, ...target.allOf.map(joined), target) : target
}

function ofString({ minLength = 0, maxLength = 0, enum: names = [] }: JsonSchema, value: string): unknown[] {
  const longer = maxLength > 0 ? ['x', '🦊'].map((unit) => unit.repeat(maxLength + 1)) : []
  const shorter = minLength > 0 ? ['x'.repeat(minLength - 1)] : []
  return [
    ...longer,
    ...shorter,
    ...names.map((name) => `${name}x`),
    `${value}!`,
    ` ${value}`,
    value.toLowerCase(),
    ...oddTexts,
  ]
}

const ofNumber = ({ minimum, maximum }: JsonSchema): unknown[] =>
  [
    minimum === undefined ? [] : [minimum - 1, minimum - 0.5],
    maximum === undefined ? [] : [maximum + 1, 1e300],
    0.5,
  ].flat()

function ofArray(schema: JsonSchema, value: unknown[]): unknown[] {
  const { maxItems, minItems = 0, items = {} } = schema
  const [first] = value
  const many = maxItems === undefined ? [] : [Array.from({ length: maxItems + 1 }, () => first ?? 'x')]
  const few = minItems > 0 ? [[]] : []
  const spoilt = value.flatMap((item, index) => steps(items, item).map((other) => value.with(index, other)))
  return [...many, ...few, ...spoilt, [...value, ...value], [...value, null]]
}

function ofObject({ properties = {}, required = [] }: JsonSchema, value: object): unknown[] {
  const members = Object.entries(value)
  const without = required.map((key) => Object.fromEntries(members.filter(([name]) => name !== key)))
  const unknown = ['unknown', '__proto__', 'constructor', 'toString', ''].map((key) =>
    Object.fromEntries([...members, [key, 1]]),
  )
  const spoilt = Object.entries(properties).flatMap(([key, part]) =>
    steps(part, new Map(members).get(key)).map((other) =>
      Object.fromEntries([...members.filter(([name]) => name !== key), [key, other]]),
    ),
  )
  return [...without, ...unknown, ...spoilt]
}

/** Everything that is one step away. */
function steps(schema: JsonSchema, value: unknown): unknown[] {
  const target = joined(schema)
  const alternatives = (target.anyOf ?? target.oneOf ?? []).flatMap((one) => steps(one, value))
  const near = () => {
    if (Array.isArray(value)) return ofArray(target, value)
    if (typeof value === 'object' && value !== null) return ofObject(target, value)
    if (target.type === 'integer' || target.type === 'number') return ofNumber(target)
    return ofString(target, typeof value === 'string' ? value : '')
  }
  return [...others, ...alternatives, ...near()]
}

const refuses = (schema: JsonSchema) => (value: unknown) => schemaErrors(schema, value).length > 0

export const breakagesOf = (schema: JsonSchema, value: unknown): unknown[] =>
  steps(schema, value).filter(refuses(schema))

const isNumeric = (schema: JsonSchema) => ['integer', 'number'].includes(String(joined(schema).type))

/** The same for a parameter, which is text on the wire: where the document says number, it counts as one. */
export function textBreakagesOf(schema: JsonSchema, text: string): string[] {
  const numbers = ofNumber(joined(schema)).map(String)
  const candidates = isNumeric(schema)
    ? [...numbers, 'nope', '1.5', '1e309', '٣', '1,5']
    : ofString(joined(schema), text).map(String)
  return candidates.filter((candidate) => {
    const value = isNumeric(schema) ? Number(candidate) : candidate
    return Number.isNaN(value) || refuses(schema)(value)
  })
}
