import type { ProblemCode } from '../core/errors'
import type { SessionClaims } from '../settings/access-tokens'

interface Variables {
  requestId: string
  /** The id that the client sent with the request, for the log. */
  givenRequestId?: string
  /** Set if the response is a problem, for the log. */
  problemCode?: ProblemCode
  session?: SessionClaims
  /** For whom the signed link of the request was made: null for anyone, undefined if it has no valid link. */
  linkReader?: string | null | undefined
}

export interface AppEnv {
  Bindings: Env
  Variables: Variables
}

export interface SessionEnv {
  Bindings: Env
  Variables: Variables & { session: SessionClaims }
}
