const isObject = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null

const annotations = new Set(['description', 'example', 'default'])

/** A reference and what is said beside it, when a schema is no more than that. */
function annotatedRef(schema: Record<string, unknown>): object | undefined {
  const { allOf, ...others } = schema
  if (!Array.isArray(allOf) || allOf.length !== 2 || Object.keys(others).length > 0) return undefined
  const [referred, beside]: unknown[] = allOf
  if (!isObject(referred) || !isObject(beside) || typeof referred['$ref'] !== 'string') return undefined
  return Object.keys(beside).every((key) => annotations.has(key)) ? { ...referred, ...beside } : undefined
}

/**
 * The generator writes a named schema with a description of its own as `allOf` of the two, of which generators of
 * clients make an intersection with nothing. OpenAPI 3.1 lets the description stand beside the reference.
 */
export function withPlainRefs(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withPlainRefs)
  if (!isObject(value)) return value
  const plain = annotatedRef(value)
  return plain ?? Object.fromEntries(Object.entries(value).map(([key, part]) => [key, withPlainRefs(part)]))
}
