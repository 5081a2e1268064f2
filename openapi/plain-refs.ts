const isObject = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null

const annotations = new Set(['description', 'example', 'default'])

/** A reference with its annotations, if a schema consists of nothing else. */
function annotatedRef(schema: Record<string, unknown>): object | undefined {
  const { allOf, ...others } = schema
  if (!Array.isArray(allOf) || allOf.length !== 2 || Object.keys(others).length > 0) return undefined
  const [referred, beside]: unknown[] = allOf
  if (!isObject(referred) || !isObject(beside) || typeof referred['$ref'] !== 'string') return undefined
  return Object.keys(beside).every((key) => annotations.has(key)) ? { ...referred, ...beside } : undefined
}

/**
 * The generator writes a named schema that has its own description as an `allOf` of the two, which client generators turn
 * into an intersection with nothing. OpenAPI 3.1 allows the description beside the reference.
 */
export function withPlainRefs(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withPlainRefs)
  if (!isObject(value)) return value
  const plain = annotatedRef(value)
  return plain ?? Object.fromEntries(Object.entries(value).map(([key, part]) => [key, withPlainRefs(part)]))
}
