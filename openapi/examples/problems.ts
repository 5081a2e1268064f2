import type { InputError, ProblemCode } from '../../src/core/errors'

export interface ProblemExample {
  code: ProblemCode
  detail?: string
  errors?: InputError[]
}

/** A well-formed request that is refused because of one part of its input. */
export const refusal = (code: ProblemCode, pointer: string, detail: string): ProblemExample => ({
  code,
  detail,
  errors: [{ pointer, code, detail }],
})

/** A request that is refused because one part of its input is malformed. */
export const invalidRequest = (error: InputError): ProblemExample => ({
  code: 'invalid_request',
  detail: `${error.pointer}: ${error.detail}`,
  errors: [error],
})

export const limitTooHigh = {
  pointer: '/query/limit',
  code: 'too_big',
  detail: 'Too big: expected number to be <=200',
}

export const textTooLong = { pointer: '/text', code: 'too_big', detail: 'At most 16000 characters.' }

export const invalidUserId = { pointer: '/path/userId', code: 'invalid_format', detail: 'Must be a user ID.' }

export const invalidFlag = (name: string) => ({
  pointer: `/query/${name}`,
  code: 'invalid_value',
  detail: 'Invalid option: expected one of "true"|"false"',
})
