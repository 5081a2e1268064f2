import type { InputError, ProblemCode } from '../../src/core/errors'

/** The result of a call to the object. Errors thrown over RPC lose their class, so refusals are values. */
export type Outcome<T> = { ok: true; value: T } | Refusal

export interface Refusal {
  ok: false
  code: ProblemCode
  errors?: InputError[]
  /** One sentence that replaces the title. */
  detail?: string
  retryAfterSeconds?: number
}

export const done = <T>(value: T): { ok: true; value: T } => ({ ok: true, value })

export const refuse = (code: ProblemCode, errors?: InputError[]): Refusal => ({
  ok: false,
  code,
  ...(errors && { errors }),
})
