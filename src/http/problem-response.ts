import type { Context, ErrorHandler } from 'hono'
import { HTTPException } from 'hono/http-exception'
import { type ProblemError, problem, problems } from '../core/errors'
import { events } from '../core/events'
import { asProblem, problemBody, retryAfterSeconds } from '../core/problem-body'
import type { AppEnv } from './app-env'

const challenge = (code: string, title: string) =>
  code === 'unauthenticated' ? 'Bearer' : `Bearer error="invalid_token", error_description="${title}"`

/**
 * Returns the `application/problem+json` response (RFC 9457) of a problem, with the headers that its status requires.
 */
function problemResponse(c: Context<AppEnv>, answer: ProblemError): Response {
  const { code, options } = answer
  const { status, title } = problems[code]
  const retryAfter = retryAfterSeconds(answer)
  const headers: Record<string, string> = {
    'Content-Type': 'application/problem+json',
    'Cache-Control': 'no-store',
    ...(status === 401 && { 'WWW-Authenticate': challenge(code, title) }),
    ...(retryAfter !== undefined && { 'Retry-After': String(retryAfter) }),
    ...options.headers,
  }
  c.set('problemCode', code)
  return c.body(JSON.stringify(problemBody(answer, c.get('requestId'))), status, headers)
}

function ofRequest(error: unknown): ProblemError {
  if (error instanceof HTTPException && error.status === 400)
    return problem('malformed_json', { detail: 'The body cannot be parsed as JSON.' })
  if (error instanceof HTTPException && error.status === 415) return problem('unsupported_media_type')
  return asProblem(error)
}

/** Turns whatever was thrown into a problem response. Unexpected errors are logged and never revealed. */
export const onError: ErrorHandler<AppEnv> = (error, c) => {
  const answer = ofRequest(error)
  if (problems[answer.code].status >= 500)
    events.requestFailed({ requestId: c.get('requestId'), error: answer.cause ?? error })
  return problemResponse(c, answer)
}
