import type { Problem } from './schema'

/** A call that the server refused; program against `problem.code`. */
export class Refused extends Error {
  readonly problem: Problem
  /** Any sooner, the same call is refused again. */
  readonly retryAfterMs: number

  constructor(problem: Problem, retryAfterSeconds = 0) {
    super(`${problem.code}: ${problem.detail}`)
    this.name = 'Refused'
    this.problem = problem
    this.retryAfterMs = retryAfterSeconds * 1_000
  }

  /** Whether the same call can succeed later. */
  get passes() {
    return this.problem.status >= 500 || this.problem.status === 429
  }
}

const isProblem = (error: unknown): error is Problem => typeof error === 'object' && error !== null && 'code' in error

/** The error to throw: a problem, or the response of something in between, such as a proxy's page. */
export const errorOf = (error: unknown, { status, headers }: { status: number; headers?: Headers }): Error =>
  isProblem(error)
    ? new Refused(error, Number(headers?.get('Retry-After') ?? 0))
    : new Error(`The response has status ${status} and is not a problem of the API.`)

interface Result {
  data?: unknown
  error?: unknown
  response: Response
}

type Success<R> = R extends { data: infer T } ? T : never

/** The body of a successful response; throws if the call is refused. */
export function answer<R extends Result>(call: Promise<R>): Promise<Success<R>>
export async function answer(call: Promise<Result>): Promise<unknown> {
  const result = await call
  if ('data' in result) return result.data
  throw errorOf(result.error, result.response)
}
