import type { FileLink } from '../../src/profile'
import type { Blocks } from './blocks'
import type { Budgets } from './budgets'
import type { Chats } from './chats'
import type { Sends } from './sends'
import type { Sequence } from './sequence'
import type { Ending } from './session-rows'

/** What a function of the mailbox works with, for the length of one synchronous block. */
export interface Box {
  userId: string
  sql: SqlStorage
  sequence: Sequence
  chats: Chats
  blocks: Blocks
  budgets: Budgets
  sends: Sends
  /** Epoch milliseconds. */
  now: number
  /** Makes sure that the alarm rings at this time or before. */
  wakeBy: (time: number) => void
  /** Notes the end of a session, for the log. */
  sessionEnded: (sessionId: string, ending: Ending) => void
}

/** On whose behalf a call is made: the session it is refused without, and the origin that links in the answer begin with. */
export interface Caller {
  sessionId: string
  origin: string
}

/** A box on behalf of a caller, whose origin the links in the answer begin with. */
export interface CallerBox extends Box {
  sessionId: string
  link: FileLink
}
