import { z } from '@hono/zod-openapi'
import { type ProblemCode, problems } from '../src/core/errors'

const codes = Object.keys(problems) as [ProblemCode, ...ProblemCode[]]

export const ProblemCodeName = z
  .enum(codes)
  .openapi('ProblemCode', { description: 'What went wrong, as a stable name to program against.' })

export const InputError = z
  .object({
    pointer: z.string().openapi({
      description:
        'JSON pointer (RFC 6901) to the part of the body; for other parts it begins with `/query`, `/path` or `/header`.',
      example: '/text',
    }),
    code: z.string().openapi({ description: 'The rule that was broken.', example: 'too_big' }),
    detail: z.string().openapi({ description: 'One sentence for a developer.', example: 'At most 16000 characters.' }),
  })
  .openapi('InputError', { description: 'What is wrong with one part of the input.' })

export const Problem = z
  .object({
    type: z
      .string()
      .openapi({ description: 'A URI that names the kind of problem: `urn:problem-type:` and the code.' }),
    title: z.string().openapi({ description: 'The kind of problem in words; the same for each code.' }),
    status: z.int().openapi({ description: 'The HTTP status code, again.' }),
    detail: z.string().openapi({ description: 'What went wrong this time, for a developer; not for parsing.' }),
    code: ProblemCodeName,
    requestId: z.string().openapi({ description: 'The `X-Request-Id` of this response, to quote in a report.' }),
    errors: z.array(InputError).optional().openapi({ description: 'The parts of the input that were refused.' }),
  })
  .openapi('Problem', { description: 'Problem details (RFC 9457), the body of every response that is no success.' })
export type Problem = z.infer<typeof Problem>
