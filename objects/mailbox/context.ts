import type { FileLink } from '../../src/core/file-metadata'
import type { Sequence } from '../durable/sequence'
import type { Budgets } from './limits/quotas'
import type { Sends } from './limits/send-rate'
import type { Blocks } from './tables/blocks'
import type { Chats } from './tables/chats'
import type { Ending } from './tables/sessions'

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
