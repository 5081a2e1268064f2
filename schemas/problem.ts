import { z } from '@hono/zod-openapi'
import { type ProblemCode, problems } from '../src/core/errors'
import { limits } from '../src/core/limits'
import { count } from './integers'

const codes = Object.keys(problems) as [ProblemCode, ...ProblemCode[]]

export const ProblemCodeName = z
  .enum(codes)
  .openapi('ProblemCode', { description: 'The stable name of the problem, to program against.' })

export const InputError = z
  .object({
    pointer: z.string().openapi({
      description: `JSON pointer (RFC 6901) into the body; for other parts of the request it starts with \`/query\`, \`/path\`, or \`/header\`. At most ${limits.problemPointerCharactersMax} characters: a longer one is cut and ends with \`…\`.`,
      example: '/text',
    }),
    code: z.string().openapi({ description: 'The rule that the input violates.', example: 'too_big' }),
    detail: z.string().openapi({ description: 'One sentence for developers.', example: 'At most 16000 characters.' }),
  })
  .openapi('InputError', { description: 'What is wrong with one part of the input.' })

export const Problem = z
  .object({
    type: z
      .string()
      .openapi({ description: 'A URI that identifies the type of problem: `urn:problem-type:` followed by the code.' }),
    title: z.string().openapi({ description: 'The type of problem in words; always the same for a given code.' }),
    status: count().openapi({ description: 'The HTTP status code, repeated.' }),
    detail: z.string().openapi({ description: 'What went wrong this time, for developers. Do not parse it.' }),
    code: ProblemCodeName,
    requestId: z.string().openapi({ description: 'The `X-Request-Id` of this response. Quote it in bug reports.' }),
    errors: z
      .array(InputError)
      .optional()
      .openapi({
        description: `The parts of the input that were rejected: at most ${limits.problemErrorsMax}. If there are more, \`detail\` says how many are not listed.`,
      }),
  })
  .openapi('Problem', { description: 'Problem details (RFC 9457): the body of every error response.' })
export type Problem = z.infer<typeof Problem>
