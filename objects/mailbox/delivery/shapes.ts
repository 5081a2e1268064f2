import type { FileMetadata } from '../../../src/core/file-metadata'
import type { Profile } from '../../../src/core/profile'
import type { OwnReaction, StoredQuote } from '../tables/messages'

/**
 * What a peer's mailbox must learn of this one, in two feeds for each chat. Creations go in the order of own ids behind
 * a watermark. Only when none waits, changes of what the peer holds go, in the order of a revision. Both carry present
 * state, so that a batch may be sent again; neither is ever driven by what the peer sent.
 */
export interface Delivery {
  from: string
  profile: { revision: number; profile: Profile } | null
  state: { revision: number; readId: string } | null
  creations: FedMessage[]
  changes: { upToRevision: number; messages: FedMessage[] } | null
  /** The last delivery of all: the mailbox that it comes from is about to be erased. */
  gone?: true
}

/**
 * The part of a message that the feeding side decides: its reactions, and of its own messages the content. Each part
 * has the revision that it dates from (0 for the creation), so that what was done under a block can be told apart.
 */
export interface FedMessage {
  id: string
  revision: number
  contentRevision: number
  reactions: OwnReaction[]
  /** Reactions that were taken back, each with the revision of that. Mailboxes of an older version send none. */
  removedReactions?: OwnReaction[]
  text: string
  attachments: FileMetadata[]
  replyTo: StoredQuote | null
  createdAt: number
  editedAt: number | null
  deletedAt: number | null
}

/** How far the owner's feeds for a peer reach, delivered or not. */
export interface FeedPosition {
  id: string
  revision: number
  stateRevision: number
}

/** What became of a delivery: the creations that were refused, under a block of the peer's. The peer holds all others. */
export interface DeliveryResult {
  refused: string[]
  /** The mailbox was erased, or is about to be. It takes nothing, now and for ever. */
  gone?: true
}
