import type { ProblemCode } from '../core/errors'

/** Who calls: the user and the session their access token was made for. Whether the session still lives, their mailbox says. */
export interface Session {
  userId: string
  sessionId: string
}

interface Variables {
  requestId: string
  /** Set when the answer is a problem, for the log. */
  problemCode?: ProblemCode
  session?: Session
}

export interface AppEnv {
  Bindings: Env
  Variables: Variables
}

export interface SessionEnv {
  Bindings: Env
  Variables: Variables & { session: Session }
}
