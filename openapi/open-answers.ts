import type { Schema } from './schema-forms'

/**
 * What the server sends can grow: a new kind of ID, a new value of an enum, a longer text. What it accepts is checked as
 * documented. The Zod schemas describe both, as they are today; the document takes the restrictions out of the answers.
 */

type Content = Record<string, { schema?: Schema }>

interface Parameter {
  required?: boolean
  example?: unknown
  schema?: Schema
}

interface Operation {
  parameters?: Parameter[]
  requestBody?: { content: Content }
  responses: Record<string, { content?: Content }>
}

interface Described<O> {
  paths: Record<string, Record<string, O>>
  schemas: Record<string, Schema>
}

/** The roots of what travels inside a WebSocket, which no operation names. */
const frames = { sent: 'ClientFrame', read: 'ServerFrame' }

const restrictions = new Set([
  ...['pattern', 'minLength', 'maxLength', 'minItems', 'maxItems', 'uniqueItems'],
  ...['minimum', 'maximum', 'exclusiveMinimum', 'exclusiveMaximum'],
])

/** Beyond these, a description names the component instead. */
const listedValuesMax = 10

const componentPath = '#/components/schemas/'
const isNull = ({ type }: Schema) => type === 'null'
const hasParts = ({ properties, items, anyOf, oneOf, allOf }: Schema) =>
  [properties, items, anyOf, oneOf, allOf].some((parts) => parts !== undefined)

function mapValues<Value, Result>(record: Record<string, Value>, change: (value: Value, key: string) => Result) {
  return Object.fromEntries(Object.entries(record).map(([key, value]) => [key, change(value, key)]))
}

/** A copy of a schema, with the schemas directly inside it replaced. */
function withParts(schema: Schema, change: (part: Schema) => Schema): Schema {
  const { properties, items, anyOf, oneOf, allOf, additionalProperties } = schema
  return {
    ...schema,
    ...(properties && { properties: mapValues(properties, change) }),
    ...(items && { items: change(items) }),
    ...(anyOf && { anyOf: anyOf.map(change) }),
    ...(oneOf && { oneOf: oneOf.map(change) }),
    ...(allOf && { allOf: allOf.map(change) }),
    ...(typeof additionalProperties === 'object' && { additionalProperties: change(additionalProperties) }),
  }
}

class Components {
  readonly #schemas: Record<string, Schema>

  constructor(schemas: Record<string, Schema>) {
    this.#schemas = schemas
  }

  /** The component that a schema refers to. */
  named({ $ref }: Schema): { name: string; target: Schema } | undefined {
    const name = $ref?.slice(componentPath.length)
    const target = name === undefined ? undefined : this.#schemas[name]
    return name !== undefined && target ? { name, target } : undefined
  }

  /** The names of the components that schemas refer to, at any depth. */
  reached(roots: Schema[]): Set<string> {
    const names = new Set<string>()
    const visit = (schema: Schema): Schema => {
      const component = this.named(schema)
      if (component && !names.has(component.name)) {
        names.add(component.name)
        visit(component.target)
      }
      return withParts(schema, visit)
    }
    roots.forEach(visit)
    return names
  }

  /** An enum in an answer: any string, with the values that are known today and the component that lists them. */
  #openEnum(name: string, target: Schema, beside: Schema, mayBeNull: boolean): Schema {
    const { enum: values = [], description, example } = target
    const shown = values.length <= listedValuesMax ? values.map((value) => `\`${value}\``).join(', ') : 'those values'
    return {
      type: mayBeNull ? ['string', 'null'] : 'string',
      'x-extensible-enum': values,
      ...(example !== undefined && { example }),
      ...beside,
      description: `${beside['description'] ?? description} One of \`${name}\`: ${shown}, or one that is added later.`,
    }
  }

  /** The schema of something that is read. */
  opened(schema: Schema): Schema {
    const { anyOf, $ref, ...beside } = schema
    const [choice, ...others] = (anyOf ?? [schema]).filter((one) => !isNull(one))
    const component = choice && others.length === 0 ? this.named(choice) : undefined
    if (component?.target.enum)
      return this.#openEnum(component.name, component.target, beside, anyOf?.some(isNull) === true)
    const open = Object.entries(schema).filter(([keyword]) => !restrictions.has(keyword))
    return withParts(Object.fromEntries(open), (part) => this.opened(part))
  }

  /** The schema of something that is sent: what is open under a name, because it is also read, is written out. */
  closed(schema: Schema, read: Set<string>): Schema {
    const component = this.named(schema)
    if (!component) return withParts(schema, (part) => this.closed(part, read))
    const { name, target } = component
    if (!read.has(name) || target.enum) return schema
    if (hasParts(target)) throw new Error(`${name} is both sent and read. Give each its own schema.`)
    const { $ref: _, ...beside } = schema
    return { ...target, ...beside }
  }
}

/** Tools fill in examples: a made-up cursor, condition, or ID that nobody needs would make the call fail. */
function withoutExample({ example: _, schema = {}, ...parameter }: Parameter): Parameter {
  const { example: _example, ...rest } = schema
  return { ...parameter, schema: rest }
}

const withSchemas = <Part extends { content?: Content }>(part: Part, change: (schema: Schema) => Schema): Part => ({
  ...part,
  ...(part.content && {
    content: mapValues(part.content, (media) => ({ ...media, ...(media.schema && { schema: change(media.schema) }) })),
  }),
})

const schemasIn = ({ content = {} }: { content?: Content } = {}) =>
  Object.values(content).flatMap(({ schema }) => (schema ? [schema] : []))

/** The operations and components of a document, with closed requests and open answers. */
export function withOpenAnswers<O extends Operation>({ paths, schemas }: Described<O>): Described<O> {
  const components = new Components(schemas)
  const operations = Object.values(paths).flatMap((methods) => Object.values(methods))
  const read = components.reached([
    { $ref: componentPath + frames.read },
    ...operations.flatMap(({ responses }) => Object.values(responses).flatMap(schemasIn)),
  ])
  const opened = (schema: Schema) => components.opened(schema)
  const closed = (schema: Schema) => components.closed(schema, read)
  const changed = (operation: O): O => ({
    ...operation,
    ...(operation.parameters && {
      parameters: operation.parameters.map((parameter) => {
        const whole = { ...parameter, schema: closed(parameter.schema ?? {}) }
        return parameter.required ? whole : withoutExample(whole)
      }),
    }),
    ...(operation.requestBody && { requestBody: withSchemas(operation.requestBody, closed) }),
    responses: mapValues(operation.responses, (response) => withSchemas(response, opened)),
  })
  return {
    paths: mapValues(paths, (methods) => mapValues(methods, changed)),
    schemas: mapValues(schemas, (schema, name) => {
      if (schema.enum) return schema
      return read.has(name) ? opened(schema) : closed(schema)
    }),
  }
}
