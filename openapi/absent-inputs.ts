interface Schema {
  $ref?: string
  type?: string | string[]
  anyOf?: Schema[]
  format?: string
  pattern?: string
  minLength?: number
  properties?: Record<string, Schema>
  required?: string[]
  [keyword: string]: unknown
}

export type Schemas = Record<string, Schema>

const nameOf = ($ref: string) => $ref.slice($ref.lastIndexOf('/') + 1)
const isNull = ({ type }: Schema) => type === 'null'

function acceptsNull({ type, anyOf = [] }: Schema): boolean {
  return (Array.isArray(type) && type.includes('null')) || anyOf.some(isNull)
}

function orNull(schemas: Schemas, schema: Schema): Schema {
  const { $ref, type, ...others } = schema
  if ($ref !== undefined)
    return { anyOf: [{ $ref }, { type: 'null' }], description: schemas[nameOf($ref)]?.['description'], ...others }
  return typeof type === 'string' ? { type: [type, 'null'], ...others } : schema
}

/** A field that null clears: if it is a text, the empty string clears it as well. */
function orEmpty(schemas: Schemas, schema: Schema): Schema {
  const { anyOf, ...beside } = schema
  const choice = anyOf?.find((one) => !isNull(one))
  const named = choice?.$ref === undefined ? choice : schemas[nameOf(choice.$ref)]
  const { minLength: _, pattern, ...text } = named ? { ...named, ...beside, type: [named.type, 'null'].flat() } : schema
  const isText = Array.isArray(text.type) && text.type.includes('string') && text.format === undefined
  if (!isText) return schema
  return { ...text, ...(pattern !== undefined && { pattern: `^(?:${pattern.replace(/^\^|\$$/g, '')})?$` }) } as Schema
}

function withAbsentFields(schemas: Schemas, schema: Schema): Schema {
  const { properties = {}, required = [] } = schema
  const fields = Object.entries(properties).map(([name, field]) => {
    if (acceptsNull(field)) return [name, orEmpty(schemas, field)]
    return [name, required.includes(name) ? field : orNull(schemas, field)]
  })
  return { ...schema, properties: Object.fromEntries(fields) }
}

/** The components with those that requests consist of as the service takes them: `plainFields` says what null means. */
export const withAbsentInputs = (schemas: Schemas, requests: readonly string[]): Schemas =>
  Object.fromEntries(
    Object.entries(schemas).map(([name, schema]) => [
      name,
      requests.includes(name) ? withAbsentFields(schemas, schema) : schema,
    ]),
  )

interface Paths {
  [path: string]: Record<string, { requestBody?: { content: Record<string, { schema?: Schema }> } }>
}

/** The names of the components that JSON bodies consist of. */
export const requestsOf = (paths: Paths): string[] =>
  Object.values(paths)
    .flatMap((methods) => Object.values(methods))
    .flatMap(({ requestBody }) => requestBody?.content['application/json']?.schema?.$ref ?? [])
    .map(nameOf)
