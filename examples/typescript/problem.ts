import { boundedMs, retryAfterMs } from './retry-after.js'
import type { Problem } from './schema.js'

/** Statuses that say that the same call can succeed later: too slow, too early, too often, or the server's own fault. */
const isTemporary = (status: number) => status >= 500 || [408, 425, 429].includes(status)

/** A call that the server refused; program against `problem.code`. */
export class Refused extends Error {
  readonly problem: Problem
  /** Any sooner, the same call is refused again. */
  readonly retryAfterMs: number

  constructor(problem: Problem, retryAfterSeconds = 0) {
    super(`${problem.code}: ${problem.detail}`)
    this.name = 'Refused'
    this.problem = problem
    this.retryAfterMs = boundedMs(retryAfterSeconds * 1_000)
  }

  /** Whether the same call can succeed later. */
  get passes() {
    return isTemporary(this.problem.status)
  }
}

/** A response that is not of the API, such as the page of a proxy or of a network that wants a sign-in. */
export class UnexpectedResponse extends Error {
  readonly status: number
  readonly retryAfterMs: number

  constructor(status: number, retryAfterMs = 0) {
    super(`The response has status ${status} and is not a problem of the API.`)
    this.name = 'UnexpectedResponse'
    this.status = status
    this.retryAfterMs = retryAfterMs
  }

  /** Whether the same call can succeed later: not after a 4xx, but after a success that cannot be read. */
  get passes() {
    return this.status < 400 || isTemporary(this.status)
  }

  /** As a problem with the code `unexpected_response`, to be kept and shown like those of the API. */
  get problem(): Problem {
    return {
      type: 'urn:problem-type:unexpected_response',
      title: 'Something between this device and the server refused it',
      status: this.status,
      detail: this.message,
      code: 'unexpected_response',
      requestId: '',
    }
  }
}

/** Whether an error is a problem of the API: others send JSON, too. */
export const isProblem = (error: unknown): error is Problem =>
  typeof error === 'object' &&
  error !== null &&
  'code' in error &&
  typeof error.code === 'string' &&
  'status' in error &&
  typeof error.status === 'number'

/** The error to throw: a problem, or the response of something in between, such as a proxy's page. */
export function errorOf(error: unknown, { status, headers }: { status: number; headers?: Headers }): Error {
  const waitMs = retryAfterMs(headers)
  return isProblem(error) ? new Refused(error, waitMs / 1_000) : new UnexpectedResponse(status, waitMs)
}

/** Whether the API says that the session has ended. A proxy's 401 says nothing about it. */
export const isSessionOver = (error: unknown) => error instanceof Refused && error.problem.status === 401

interface Result {
  data?: unknown
  error?: unknown
  response: Response
}

type Success<R> = R extends { data: infer T } ? T : never

/**
 * The body of a successful response. Throws `Refused` if the API refuses the call, `UnexpectedResponse` if something else
 * does, and whatever `fetch` throws; a body that cannot be read is a `SyntaxError`, and worth a retry.
 */
export function answer<R extends Result>(call: Promise<R>): Promise<Success<R>>
export async function answer(call: Promise<Result>): Promise<unknown> {
  const result = await call
  if ('data' in result) return result.data
  throw errorOf(result.error, result.response)
}
