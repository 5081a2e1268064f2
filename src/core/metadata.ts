import { limits } from './limits'

/**
 * Custom data of apps: a JSON object that the service keeps and returns, and never reads. It is stored as JSON with its
 * names in order, so that the same object is the same text, in whatever order a client has written it.
 */

export type JsonValue = string | number | boolean | null | JsonValue[] | JsonObject
export interface JsonObject {
  [name: string]: JsonValue
}

/** Why an object cannot be metadata, and where in it. */
export interface MetadataFault {
  path: (string | number)[]
  code: 'custom' | 'too_big' | 'invalid_type'
  message: string
}

type Path = MetadataFault['path']

export const isJsonObject = (value: unknown): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

const isUnicode = (text: string) => text.isWellFormed() && !text.includes('\0')

const notUnicode = 'Must be Unicode text, names included, without lone surrogates or U+0000.'

function faultOfNumber(value: number): string | null {
  if (!Number.isFinite(value)) return 'Must be within the range of a double.'
  const isExact = !Number.isInteger(value) || Number.isSafeInteger(value)
  return isExact ? null : 'An integer must be within ±(2^53 - 1): send greater ones as strings.'
}

function faultOfName(name: string, path: Path): MetadataFault | null {
  // A pointer cannot repeat such a name.
  if (!isUnicode(name)) return { path, code: 'custom', message: notUnicode }
  // Whoever copies the member to another object in JavaScript sets a prototype.
  return name === '__proto__' ? { path: [...path, name], code: 'custom', message: 'Must have another name.' } : null
}

function faultOfParts(parts: [string | number, unknown][], path: Path): MetadataFault | null {
  for (const [name, part] of parts) {
    const ofName = typeof name === 'string' ? faultOfName(name, path) : null
    const fault: MetadataFault | null = ofName ?? faultIn(part, [...path, name])
    if (fault) return fault
  }
  return null
}

function faultIn(value: unknown, path: Path): MetadataFault | null {
  if (typeof value === 'object' && value !== null) {
    // What is nested deeper is not looked at: the depth of the recursion is bounded.
    if (path.length >= limits.metadataLevelsMax)
      return { path, code: 'too_big', message: `At most ${limits.metadataLevelsMax} levels of objects and arrays.` }
    return faultOfParts(Array.isArray(value) ? [...value.entries()] : Object.entries(value), path)
  }
  const wrong =
    typeof value === 'number'
      ? faultOfNumber(value)
      : typeof value === 'string' && !isUnicode(value)
        ? notUnicode
        : null
  return wrong === null ? null : { path, code: 'custom', message: wrong }
}

/** The first thing for which a parsed JSON value cannot be metadata, or null. */
export function metadataFault(value: unknown): MetadataFault | null {
  if (!isJsonObject(value)) return { path: [], code: 'invalid_type', message: 'Must be a JSON object.' }
  const fault = faultIn(value, [])
  if (fault) return fault
  const isLarge = Buffer.byteLength(JSON.stringify(value)) > limits.metadataBytesMax
  return isLarge ? { path: [], code: 'too_big', message: `At most ${limits.metadataBytesMax} bytes of JSON.` } : null
}

const byName = ([one]: [string, unknown], [other]: [string, unknown]) => (one < other ? -1 : 1)

function inOrder(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value
  if (Array.isArray(value)) return value.map(inOrder)
  const members = Object.entries(value).toSorted(byName)
  return Object.fromEntries(members.map(([name, part]) => [name, inOrder(part)]))
}

/** Metadata as it is stored. An empty object says nothing, and is none. */
export const metadataText = (metadata: JsonObject | null | undefined): string | null =>
  metadata && Object.keys(metadata).length > 0 ? JSON.stringify(inOrder(metadata)) : null

/** Stored metadata as clients see it. */
export const metadataOf = (text: string | null | undefined): JsonObject | null => (text ? JSON.parse(text) : null)
