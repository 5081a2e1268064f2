import type { ZodType } from 'zod'
import { Problem } from '../../schemas/problem'
import { type ProblemCode, problems } from '../core/errors'

/**
 * By status: the extension of `Problem` that problems with this status have, with an example of the members it adds.
 */
export type ProblemExtensions = Record<number, { schema: ZodType; example: Record<string, unknown> }>

const statusOf = (code: ProblemCode): number => problems[code].status

const examples = (codes: ProblemCode[], members: Record<string, unknown> = {}) =>
  Object.fromEntries(
    codes.map((code) => [
      code,
      {
        summary: problems[code].title,
        value: {
          type: `urn:problem-type:${code}`,
          title: problems[code].title,
          status: problems[code].status,
          detail: `${problems[code].title}.`,
          code,
          requestId: '5f0c7a52-9c7e-4c37-8f5b-0c7d1a6d2f11',
          ...members,
        },
      },
    ]),
  )

const problemHeaders: Record<number, Record<string, object>> = {
  401: { 'WWW-Authenticate': { schema: { type: 'string' }, description: 'The Bearer challenge (RFC 6750).' } },
  416: { 'Content-Range': { schema: { type: 'string' }, description: '`bytes */size` (RFC 9110).' } },
  426: { Upgrade: { schema: { type: 'string' }, description: '`websocket` (RFC 9110).' } },
  429: { 'Retry-After': { schema: { type: 'integer', format: 'int32' }, description: 'Seconds to wait.' } },
  503: { 'Retry-After': { schema: { type: 'integer', format: 'int32' }, description: 'Seconds to wait.' } },
}

/** Returns the responses of an operation that can return these codes, one per status, as the document declares them. */
export function problemResponses(codes: ProblemCode[], extensions: ProblemExtensions = {}) {
  const statuses = [...new Set(codes.map(statusOf))].sort()
  return Object.fromEntries(
    statuses.map((status) => {
      const own = codes.filter((code) => statusOf(code) === status)
      return [
        status,
        {
          description: own.map((code) => `\`${code}\`: ${problems[code].title}.`).join('\n\n'),
          ...(problemHeaders[status] && { headers: problemHeaders[status] }),
          content: {
            'application/problem+json': {
              schema: extensions[status]?.schema ?? Problem,
              examples: examples(own, extensions[status]?.example),
            },
          },
        },
      ]
    }),
  )
}
