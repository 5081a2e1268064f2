import type { Env as HonoEnv, MiddlewareHandler } from 'hono'
import { createMiddleware } from 'hono/factory'
import type { ProblemCode } from '../core/errors'
import type { AppEnv } from './app-env'
import { linkGuard } from './link-guard'
import { sessionGuard } from './session-guard'

interface AccessRule {
  /** What the document declares: no token, a token, or a token as one of two options. */
  security: Record<string, []>[]
  /** Runs before anything of the request is read. The handler's environment is that of its guard. */
  guard: MiddlewareHandler
  /** The problems that every operation with this access can return. */
  problems: readonly ProblemCode[]
}

const storageProblems = ['internal_error', 'service_unavailable'] as const
const sessionProblems = [
  'unauthenticated',
  'access_token_invalid',
  'access_token_expired',
  'session_ended',
  ...storageProblems,
] as const

// What a token of an ended session asks for is already so.
const tokenProblems = sessionProblems.filter((code) => code !== 'session_ended')

const token: { accessToken: [] } = { accessToken: [] }
const noGuard = createMiddleware<AppEnv>((_, next) => next())

/** Who may call an operation. Its security, guard, problems, and handler type all follow from the row that it names. */
export const accessRules = {
  /** Anyone. The operation needs no storage to respond. */
  stateless: { security: [], guard: noGuard, problems: [] },
  /** Anyone. */
  public: { security: [], guard: noGuard, problems: storageProblems },
  /** A signed-in user. */
  session: { security: [token], guard: sessionGuard, problems: sessionProblems },
  /** A signed-in user, or one whose session has ended, until the access token expires. */
  token: { security: [token], guard: sessionGuard, problems: tokenProblems },
  /**
   * Anyone; the handler requires a token for part of what the operation does. Tools show an operation with an optional token
   * as one that needs it, so the document declares none.
   */
  optionalSession: { security: [], guard: noGuard, problems: sessionProblems },
  /** A signed-in user, or anyone with a signed link to the file in the path. */
  fileLink: { security: [token, {}], guard: linkGuard, problems: ['file_not_found', ...sessionProblems] },
  /** A signed-in user, or whoever holds one of their tickets. The handler checks which. */
  ticket: { security: [token, {}], guard: noGuard, problems: ['ticket_invalid', ...sessionProblems] },
} as const satisfies Record<string, AccessRule>

export type Access = keyof typeof accessRules

/** The environment that a guard provides to its handler: only behind `session` is there always a session. */
export type EnvOf<A extends Access> =
  (typeof accessRules)[A]['guard'] extends MiddlewareHandler<infer E extends HonoEnv> ? E : never
