import type { FileMetadata } from '../../../src/core/file-metadata'
import type { Profile } from '../../../src/core/profile'
import type { OwnReaction, StoredQuote } from '../tables/message-row'

/**
 * What a peer's mailbox must learn from this one, in two feeds per chat. Creations go in the order of own ids, behind a
 * watermark. Only when none is pending do changes to what the peer holds follow, in the order of revisions. Both feeds
 * carry current state, so a batch can be sent again; neither is ever driven by what the peer sent.
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
 * The part of a message that the sending mailbox decides: its owner's reactions and, for their own messages, the
 * content. Each part has the revision of its last change (0 for the creation), so that what was done under a block can
 * be told apart.
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
  /** Custom data as JSON. Mailboxes of an older version send none, whatever the message has. */
  metadata?: string | null
  replyTo: StoredQuote | null
  createdAt: number
  editedAt: number | null
  deletedAt: number | null
}

/** How far the owner's feeds to a peer reach, delivered or not. */
export interface FeedPosition {
  id: string
  revision: number
  stateRevision: number
}

/** A delivery that has arrived. */
export interface Delivered {
  /** The creations that were refused because the recipient blocks the sender. The recipient holds all others. */
  refused: string[]
  /** The mailbox was erased, or is about to be. It accepts nothing, now or ever again. */
  gone?: true
}

/**
 * A delivery for which the mailbox has no room: all of it stays due. Without `refused`, so that a mailbox of an older
 * version, which reads that first, counts the delivery as failed.
 */
export interface MailboxFull {
  full: true
}

export type DeliveryResult = Delivered | MailboxFull
