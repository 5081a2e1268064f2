import type { FileLink } from '../../src/core/file-metadata'
import type { DurableContext } from '../durable/context'
import type { SearchProgress } from '../durable/search-progress'
import type { LastSent } from './delivery/last-sent'
import type { GroupWire } from './groups/to-wire'
import type { Quotas } from './limits/quota-figures'
import type { ReadMarkLimiter } from './limits/read-mark-rate'
import type { SendRateLimiter } from './limits/send-rate'
import type { BlockRows } from './tables/blocks'
import type { ChatRows } from './tables/chats'
import type { GroupRows } from './tables/groups'
import type { KeyValues } from './tables/key-values'
import type { ProfileRecord } from './tables/profile'
import type { SessionRows } from './tables/sessions'

/** What a function of the mailbox works with during one synchronous block. */
export interface MailboxContext extends DurableContext {
  /** The owner of the mailbox. */
  userId: string
  chats: ChatRows
  groups: GroupRows
  blocks: BlockRows
  sessions: SessionRows
  values: KeyValues
  profile: ProfileRecord
  lastSent: LastSent
  quotas: Quotas
  sendRate: SendRateLimiter
  readMarkRate: ReadMarkLimiter
  searchProgress: SearchProgress
  /** Whether the mailbox holds as much as it may: what is left is for what cannot wait. */
  isFull: () => boolean
  /** What stands for a session in the log. */
  sessionHash: (sessionId: string) => string
}

/** A session, without which a call is refused, and the origin that links in the result begin with. */
export interface CallerSession {
  sessionId: string
  origin: string
}

/** On whose behalf a call is made, as an access token says. */
export interface Caller extends CallerSession {
  /** The step of the refresh token that the access token was issued with; null if it does not say. */
  step: number | null
}

/** The context of a call on behalf of a live session. */
export interface CallerContext extends MailboxContext {
  sessionId: string
  /** Make links that begin with the caller's origin: to files that the caller may read, and to anyone's profile picture. */
  link: FileLink
  avatarLink: FileLink
  /** How a group is shown to the owner. */
  groupWire: (groupId: string) => GroupWire
}
