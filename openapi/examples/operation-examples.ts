import type { InputError } from '../../src/core/errors'
import type { PostmanStep } from '../postman/step'
import type { ProblemExample } from './problems'

export interface Example {
  summary: string
  value: unknown
}

/** The examples of one operation in the documents. Its file in `openapi/operations/` has the operation's name. */
export interface OperationExamples {
  /** By name, for parameters whose schema's example does not fit the story. */
  parameters?: Record<string, string>
  body?: Record<string, Example>
  /** By status. */
  responses?: Record<string, Record<string, Example>>
  /** The problem that the operation is most likely to return, with its details. */
  problem: ProblemExample
  /** An input error that replaces the generic one of the operation's `invalid_request` example. */
  mistake?: InputError
  /** Its requests in the Postman collection. `openapi/postman/story.ts` sets their order. */
  steps: PostmanStep[]
}

/** The examples of a body that needs only one example. */
export const single = (summary: string, value: unknown) => ({ example: { summary, value } })

/** The last page of a list. */
export const page = (...items: object[]) => ({ items, nextCursor: null })
