// Valid input for any operation, built from the document's own examples, as a reader of the document would.
import type { Input } from './call'
import { documentedOperations, type JsonSchema, type MediaType, type Parameter, resolve } from './check-response'

const missing = Symbol('missing')

const nameOf = (schema: JsonSchema, at: string) => schema.$ref?.split('/').at(-1) ?? at

function ownExample(schema: JsonSchema): unknown {
  if (schema.example !== undefined) return schema.example
  if (schema.examples?.length) return schema.examples[0]
  if (schema.const !== undefined) return schema.const
  if (schema.enum?.length) return schema.enum[0]
  if (schema.default !== undefined) return schema.default
  return schema.type === 'null' ? null : schema.type === 'boolean' ? true : missing
}

// Beside the schema it refines, a part may hold no more than another description or example.
const isWhole = (part: JsonSchema) =>
  ['$ref', 'properties', 'items', 'allOf', 'anyOf', 'oneOf'].some((keyword) => keyword in part)

function joinedExample(parts: JsonSchema[], name: string): unknown {
  const own = parts.map(ownExample).findLast((example) => example !== missing)
  if (own !== undefined) return own
  const [first, ...others] = parts.filter(isWhole).map((part) => exampleOf(part, name))
  return others.length > 0 ? Object.assign({}, first, ...others) : first
}

const isNull = (schema: JsonSchema) => resolve(schema).type === 'null'

/** The example of a schema, put together from those of its parts; fails with the name of the first part that has none. */
export function exampleOf(schema: JsonSchema, at: string): unknown {
  const own = ownExample(schema)
  if (own !== missing) return own
  const name = nameOf(schema, at)
  if (schema.$ref) return exampleOf(resolve(schema), name)
  if (schema.allOf) return joinedExample(schema.allOf, name)
  const alternatives = schema.anyOf ?? schema.oneOf
  const alternative = alternatives?.find((one) => !isNull(one)) ?? alternatives?.[0]
  if (alternative) return exampleOf(alternative, name)
  if (schema.items) return [exampleOf(schema.items, `${name}[]`)]
  if (schema.properties || schema.type === 'object')
    return Object.fromEntries(
      Object.entries(schema.properties ?? {}).map(([key, part]) => [key, exampleOf(part, `${name}.${key}`)]),
    )
  throw new Error(`The document has no example for ${name}; give its schema one`)
}

export const mediaExample = (media: MediaType, at: string): unknown => {
  if (media.example !== undefined) return media.example
  const [first] = Object.values(media.examples ?? {})
  return first ? first.value : exampleOf(media.schema ?? {}, at)
}

const ofParameters = (parameters: Parameter[], place: Parameter['in'], operationId: string) =>
  Object.fromEntries(
    parameters
      .filter((parameter) => parameter.in === place)
      .flatMap((parameter) => {
        const { name, required } = parameter
        const [first] = resolve(parameter.schema).enum ?? []
        if (!required) return first === undefined ? [] : [[name, String(first)]]
        return [[name, String(mediaExample(parameter, `${operationId} ${place} ${name}`))]]
      }),
  )

const fileContents = 'the contents of a file'

function formOf(schema: JsonSchema, at: string): FormData {
  const form = new FormData()
  for (const [name, part] of Object.entries(resolve(schema).properties ?? {})) {
    const isFile = part.format === 'binary' || part.contentMediaType !== undefined
    if (isFile) form.set(name, new File([fileContents], 'example.txt', { type: 'text/plain' }))
    else form.set(name, String(exampleOf(part, `${at}.${name}`)))
  }
  return form
}

function ofBody(content: Record<string, MediaType>, operationId: string): Input {
  const at = `the body of ${operationId}`
  const json = content['application/json']
  if (json) return { body: mediaExample(json, at) }
  const form = content['multipart/form-data']
  if (form) return { raw: formOf(form.schema ?? {}, at) }
  const [mediaType] = Object.keys(content)
  const contentType = !mediaType || mediaType.includes('*') ? 'text/plain' : mediaType
  return { raw: new TextEncoder().encode(fileContents), headers: { 'Content-Type': contentType } }
}

/** Required parameters and a whole body from examples, and the first value of each switch. */
export function exampleInput(operationId: string): Input {
  const operation = documentedOperations.find((one) => one.operationId === operationId)
  if (!operation) throw new Error(`The document has no operation ${operationId}`)
  const { parameters = [], requestBody } = operation
  const body = requestBody ? ofBody(requestBody.content, operationId) : {}
  return {
    ...body,
    params: ofParameters(parameters, 'path', operationId),
    query: ofParameters(parameters, 'query', operationId),
    headers: { ...ofParameters(parameters, 'header', operationId), ...body.headers },
  }
}
