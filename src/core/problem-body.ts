import type { ZodError } from 'zod'
import { type InputError, type ProblemCode, ProblemError, problem, problems } from './errors'
import { limits } from './limits'
import { isTransient } from './retry'

/** Problem details (RFC 9457), as responses and `error` frames carry them. */
export interface ProblemDetails {
  type: string
  title: string
  status: number
  detail: string
  code: ProblemCode
  requestId: string
  errors?: InputError[] | undefined
}

/** Returns the problem details of a problem, for a response or a frame. */
export function problemBody({ code, options }: ProblemError, requestId: string): ProblemDetails {
  const { status, title } = problems[code]
  const detail = options.detail ?? `${title}.`
  const unlisted = (options.errorCount ?? options.errors?.length ?? 0) - limits.problemErrorsMax
  return {
    type: `urn:problem-type:${code}`,
    title,
    status,
    detail: unlisted > 0 ? `${detail} Errors that are not listed: ${unlisted}.` : detail,
    code,
    requestId,
    ...(options.errors && { errors: options.errors.slice(0, limits.problemErrorsMax).map(withShortPointer) }),
    ...options.members,
  }
}

const withShortPointer = (error: InputError): InputError => ({ ...error, pointer: shortened(error.pointer) })

/** Cuts a pointer, which can contain names from the input, to its maximum length in code points. */
function shortened(pointer: string): string {
  const max = limits.problemPointerCharactersMax
  // Twice as many UTF-16 units hold as many code points, and one more.
  const characters = [...pointer.slice(0, 2 * max + 2)]
  return characters.length > max ? `${characters.slice(0, max - 1).join('')}…` : pointer
}

const retryAfterDefaultSeconds = 2

/** Returns the seconds to wait, for problems that resolve on their own. */
export function retryAfterSeconds({ code, options }: ProblemError): number | undefined {
  const { status } = problems[code]
  return status === 429 || status === 503 ? (options.retryAfterSeconds ?? retryAfterDefaultSeconds) : undefined
}

const places: Record<string, string> = { json: '', query: '/query', param: '/path', header: '/header' }
const escapePointer = (part: PropertyKey) => String(part).replaceAll('~', '~0').replaceAll('/', '~1')

export const unknownField = (at: string, name: string): InputError => ({
  pointer: `${at}/${escapePointer(name)}`,
  code: 'unrecognized_keys',
  detail: 'Unknown field.',
})

/**
 * Returns the `invalid_request` problem of a failed validation: one entry per field, including unknown fields, as far
 * as a problem lists them.
 */
export function invalidRequest(target: string, { issues }: ZodError): ProblemError {
  const errors: InputError[] = []
  let errorCount = 0
  const add = (error: InputError) => {
    errorCount += 1
    if (errors.length < limits.problemErrorsMax) errors.push(error)
  }
  for (const issue of issues) {
    const at = [places[target] ?? `/${target}`, ...issue.path.map(escapePointer)].join('/')
    if (issue.code !== 'unrecognized_keys') add({ pointer: at, code: issue.code, detail: issue.message })
    else for (const key of issue.keys) add(unknownField(at, key))
  }
  const first = errors[0]
  const detail = first && `${shortened(first.pointer) || 'The body'}: ${first.detail}`
  return problem('invalid_request', { ...(detail && { detail }), errors, errorCount })
}

/** Returns the problem that was thrown, or one that reports an error without revealing it. */
export function asProblem(error: unknown): ProblemError {
  if (error instanceof ProblemError) return error
  return problem(isTransient(error) ? 'service_unavailable' : 'internal_error', { cause: error })
}
