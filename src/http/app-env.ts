import type { ProblemCode } from '../core/errors'
import type { SessionClaims } from '../settings/access-tokens'

interface Variables {
  requestId: string
  /** Set if the response is a problem, for the log. */
  problemCode?: ProblemCode
  session?: SessionClaims
}

export interface AppEnv {
  Bindings: Env
  Variables: Variables
}

export interface SessionEnv {
  Bindings: Env
  Variables: Variables & { session: SessionClaims }
}
