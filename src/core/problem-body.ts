import type { ZodError } from 'zod'
import { type InputError, type ProblemCode, ProblemError, problem, problems } from './errors'
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
  return {
    type: `urn:problem-type:${code}`,
    title,
    status,
    detail: options.detail ?? `${title}.`,
    code,
    requestId,
    ...(options.errors && { errors: options.errors }),
    ...options.members,
  }
}

const retryAfterDefaultSeconds = 2

/** Returns the seconds to wait, for problems that resolve on their own. */
export function retryAfterSeconds({ code, options }: ProblemError): number | undefined {
  const { status } = problems[code]
  return status === 429 || status === 503 ? (options.retryAfterSeconds ?? retryAfterDefaultSeconds) : undefined
}

const places: Record<string, string> = { json: '', query: '/query', param: '/path', header: '/header' }
const escapePointer = (part: PropertyKey) => String(part).replaceAll('~', '~0').replaceAll('/', '~1')

/** Returns the `invalid_request` problem of a failed validation: one entry per field, including unknown fields. */
export function invalidRequest(target: string, { issues }: ZodError): ProblemError {
  const errors = issues.flatMap((issue): InputError[] => {
    const at = [places[target] ?? `/${target}`, ...issue.path.map(escapePointer)].join('/')
    if (issue.code !== 'unrecognized_keys') return [{ pointer: at, code: issue.code, detail: issue.message }]
    return issue.keys.map((key) => ({
      pointer: `${at}/${escapePointer(key)}`,
      code: issue.code,
      detail: 'Unknown field.',
    }))
  })
  const first = errors[0]
  const detail = first && `${first.pointer || 'The body'}: ${first.detail}`
  return problem('invalid_request', { ...(detail && { detail }), errors })
}

/** Returns the problem that was thrown, or one that reports an error without revealing it. */
export function asProblem(error: unknown): ProblemError {
  if (error instanceof ProblemError) return error
  return problem(isTransient(error) ? 'service_unavailable' : 'internal_error', { cause: error })
}
