import { limits } from '../../../src/core/limits'
import type { OwnProfile } from '../../../src/core/profile'
import { isInAudience } from '../contacts/audiences'
import type { MailboxContext } from '../context'
import type { ChatRow } from '../tables/chats'
import { type MessageRow, messageColumns, rowsOf } from '../tables/message-row'
import * as messages from '../tables/messages'
import type { Delivery, FedMessage, FeedPosition } from './shapes'

/** A delivery, and what it proves once the peer has confirmed it. */
export interface Batch {
  delivery: Delivery
  createdUpTo: string | null
  /** The number of the chat's last change when the batch was collected. */
  seq: number
  /** Whether any of its messages was hidden or cleared then. */
  hasInvisible: boolean
}

/** The content of a message that its author hid is gone once the peer has it; its emptiness is no change of the text. */
const isPurged = (row: MessageRow) =>
  row.hidden === 1 && row.text === '' && row.attachments === null && row.metadata === null

const toFed = (row: MessageRow): FedMessage => ({
  id: row.id,
  revision: row.revision ?? 0,
  contentRevision: isPurged(row) && row.deleted_at === null ? 0 : (row.content_revision ?? 0),
  reactions: messages.ownReactionsOf(row),
  removedReactions: messages.removedReactionsOf(row),
  text: row.text,
  attachments: messages.attachmentsOf(row),
  metadata: messages.storedMetadata(row),
  replyTo: messages.storedQuoteOf(row),
  createdAt: row.created_at,
  editedAt: row.edited_at,
  deletedAt: row.deleted_at,
})

/** As many rows as one call takes; always at least one. Counted as JSON, which the peer's mailbox passes to its storage. */
function fitting(rows: MessageRow[]): MessageRow[] {
  let bytes = 0
  const end = rows.findIndex((row, index) => {
    bytes += Buffer.byteLength(JSON.stringify(row))
    return index > 0 && bytes > limits.deliveryBytesMax
  })
  return end === -1 ? rows : rows.slice(0, end)
}

function pendingCreations({ sql, lastSent }: MailboxContext, chat: ChatRow): MessageRow[] {
  const last = lastSent.pendingOf(chat)
  if (last) return [last]
  return [
    ...rowsOf(
      sql.exec<MessageRow>(
        // The upper bound keeps what the peer wrote after the last of them from being read.
        `SELECT ${messageColumns} FROM messages
         WHERE chat_id = ? AND id >= ? AND id <= ? AND mine = 1 ORDER BY id LIMIT ? + 0`,
        chat.peer_id,
        chat.pending_id,
        chat.own_id,
        limits.deliveryRowsMax,
      ),
    ),
  ]
}

const pendingChanges = (sql: SqlStorage, chat: ChatRow) => [
  ...rowsOf(
    sql.exec<MessageRow>(
      `SELECT ${messageColumns} FROM messages WHERE chat_id = ? AND revision > ? ORDER BY revision LIMIT ? + 0`,
      chat.peer_id,
      chat.fed_revision,
      limits.deliveryRowsMax,
    ),
  ),
]

/** Whether the peer's mailbox has something to learn. A peer whom the owner has blocked is told nothing. */
export const isFeedPending = (context: MailboxContext, chat: ChatRow, own: OwnProfile) =>
  chat.peer_id !== context.userId &&
  chat.peer_gone === 0 &&
  !context.blocks.isBlocked(chat.peer_id) &&
  (chat.pending_id !== '' ||
    chat.fed_revision < chat.revision ||
    chat.fed_state_revision < chat.state_revision ||
    chat.fed_profile_revision < own.revision)

/** The read mark, if the peer may know it. */
const readMarkFor = (context: MailboxContext, { peer_id, shared_read_id }: ChatRow) =>
  isInAudience(context, peer_id, 'readMarkAudience') ? shared_read_id : ''

/** The next delivery to a peer: the current state of what is pending, as much as fits into one call. */
export function collectBatch(context: MailboxContext, chat: ChatRow, own: OwnProfile): Batch {
  const creations = chat.pending_id ? fitting(pendingCreations(context, chat)) : []
  const changes = creations.length === 0 && chat.fed_revision < chat.revision ? collectChanges(context.sql, chat) : null
  const rows = [...creations, ...(changes?.rows ?? [])]
  return {
    createdUpTo: creations.at(-1)?.id ?? null,
    seq: chat.seq,
    hasInvisible: rows.some((row) => row.hidden === 1 || messages.isCleared(chat, row)),
    delivery: {
      from: context.userId,
      profile: chat.fed_profile_revision < own.revision ? { revision: own.revision, profile: own.profile } : null,
      state:
        chat.fed_state_revision < chat.state_revision
          ? { revision: chat.state_revision, readId: readMarkFor(context, chat) }
          : null,
      creations: creations.map(toFed),
      changes: changes && { upToRevision: changes.upToRevision, messages: changes.rows.map(toFed) },
    },
  }
}

/**
 * The last delivery, for when nothing is pending and the owner is gone. Peers whom the owner has blocked receive it
 * too.
 */
export const farewellBatch = (context: MailboxContext): Batch => ({
  createdUpTo: null,
  seq: 0,
  hasInvisible: false,
  delivery: { from: context.userId, profile: null, state: null, creations: [], changes: null, gone: true },
})

export const isFarewellDue = (context: MailboxContext, chat: ChatRow) =>
  chat.peer_id !== context.userId && chat.peer_gone === 0

function collectChanges(sql: SqlStorage, chat: ChatRow) {
  const rows = pendingChanges(sql, chat)
  const fit = fitting(rows)
  const isRest = fit.length === rows.length && rows.length < limits.deliveryRowsMax
  return { upToRevision: (isRest ? null : fit.at(-1)?.revision) ?? chat.revision, rows: fit }
}

/** How far the owner's feeds in a chat reach, delivered or not. */
export const feedPosition = (chat: ChatRow | undefined): FeedPosition => ({
  id: chat?.own_id ?? '',
  revision: chat?.revision ?? 0,
  stateRevision: chat?.state_revision ?? 0,
})
