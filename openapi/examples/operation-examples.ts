import type { InputError } from '../../src/core/errors'
import type { PostmanStep } from '../postman/step'
import type { ProblemExample } from './problems'

export interface Example {
  summary: string
  value: unknown
}

/** What the documents show of one operation. Its file in `openapi/operations/` has the operation's name. */
export interface OperationExamples {
  /** Where the example of a parameter's schema would tell another story. */
  parameters?: Record<string, string>
  body?: Record<string, Example>
  /** By status. */
  responses?: Record<string, Record<string, Example>>
  /** What the operation is most likely to refuse, as it says it. */
  problem: ProblemExample
  /** An input that it refuses for its shape, where no other would do. */
  mistake?: InputError
  /** Its requests in the Postman collection. `openapi/postman/story.ts` says when each is sent. */
  steps: PostmanStep[]
}

/** The examples of a body that needs only one. */
export const single = (summary: string, value: unknown) => ({ example: { summary, value } })

/** The last page of a list. */
export const page = (...items: object[]) => ({ items, nextCursor: null })
