export interface ByteRange {
  offset: number
  length: number
}

const rangeUnit = /^[ \t]*bytes[ \t]*=/i
const rangeSpec = /^(?:(\d+)-(\d*)|-(\d+))$/

/**
 * Returns the part that a `Range` header requests (RFC 9110, section 14). Returns `whole` if there is nothing to act
 * on: no header, another unit, a malformed header, or several ranges, which a server need not serve (section 14.2).
 */
export function selectRange(header: string | null, size: number): ByteRange | 'whole' | 'unsatisfiable' {
  if (header === null || !rangeUnit.test(header)) return 'whole'
  const specs = header
    .replace(rangeUnit, '')
    .split(',')
    .map((spec) => spec.trim())
    .filter((spec) => spec !== '')
  const [only, ...others] = specs
  if (only === undefined || others.length > 0) return 'whole'
  const match = rangeSpec.exec(only)
  if (!match) return 'whole'
  const [, first, last, suffix] = match
  return suffix === undefined
    ? between(Number(first), last ? Number(last) : Infinity, size)
    : ending(Number(suffix), size)
}

function between(first: number, last: number, size: number) {
  if (last < first) return 'whole'
  if (first >= size) return 'unsatisfiable'
  return { offset: first, length: Math.min(last, size - 1) - first + 1 }
}

/**
 * The last bytes. An empty file satisfies this as a whole, but no `Content-Range` can express that, so it is served
 * whole.
 */
function ending(length: number, size: number) {
  if (length === 0) return 'unsatisfiable'
  if (size === 0) return 'whole'
  const held = Math.min(length, size)
  return { offset: size - held, length: held }
}
