import type { Problem } from './schema'

/** What the server refused; program against `problem.code`. */
export class Refused extends Error {
  readonly problem: Problem
  /** Before that the same call is refused again. */
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

/** What went wrong, to throw: a problem, or the answer of something in between, such as a proxy's page. */
export const errorOf = (error: unknown, { status, headers }: { status: number; headers?: Headers }): Error =>
  isProblem(error)
    ? new Refused(error, Number(headers?.get('Retry-After') ?? 0))
    : new Error(`The answer was ${status}, and no problem of the API.`)

interface Result {
  data?: unknown
  error?: unknown
  response: Response
}

type Success<R> = R extends { data: infer T } ? T : never

/** What a call answers with; a refusal is thrown. */
export function answer<R extends Result>(call: Promise<R>): Promise<Success<R>>
export async function answer(call: Promise<Result>): Promise<unknown> {
  const result = await call
  if ('data' in result) return result.data
  throw errorOf(result.error, result.response)
}
