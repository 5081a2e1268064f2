import type { Quote } from '../../../schemas/message'
import { limits } from '../../../src/core/limits'
import type { OwnProfile, Profile } from '../../../src/core/profile'
import { isWaiting, purged } from '../chats/actions'
import type { Box } from '../context'
import type { FileMetadata } from '../files'
import type { ChatRow } from '../tables/chats'
import type { MessageRow, OwnReaction } from '../tables/messages'
import * as messages from '../tables/messages'

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
  text: string
  attachments: FileMetadata[]
  replyTo: Quote | null
  createdAt: number
  editedAt: number | null
  deletedAt: number | null
}

/** What a delivery proves once the peer has confirmed it. */
export interface Batch {
  delivery: Delivery
  createdUpTo: string | null
}

const toFed = (row: MessageRow): FedMessage => ({
  id: row.id,
  revision: row.revision ?? 0,
  contentRevision: row.content_revision ?? 0,
  reactions: messages.ownReactionsOf(row),
  text: row.text,
  attachments: messages.attachmentsOf(row),
  replyTo: messages.quoteOf(row),
  createdAt: row.created_at,
  editedAt: row.edited_at,
  deletedAt: row.deleted_at,
})

/** As many rows as one call takes; always at least one. */
function fitting(rows: MessageRow[]): MessageRow[] {
  let bytes = 0
  const end = rows.findIndex((row, index) => {
    // A UTF-16 unit is at most 3 bytes of UTF-8.
    bytes += 3 * (row.text.length + (row.attachments?.length ?? 0) + (row.reply_to?.length ?? 0))
    return index > 0 && bytes > limits.deliveryBytesMax
  })
  return end === -1 ? rows : rows.slice(0, end)
}

const pendingCreations = (sql: SqlStorage, chat: ChatRow) =>
  sql
    .exec<MessageRow>(
      'SELECT * FROM messages WHERE chat_id = ? AND id >= ? AND mine = 1 ORDER BY id LIMIT ?',
      chat.peer_id,
      chat.pending_id,
      limits.deliveryRowsMax,
    )
    .toArray()

const pendingChanges = (sql: SqlStorage, chat: ChatRow) =>
  sql
    .exec<MessageRow>(
      'SELECT * FROM messages WHERE chat_id = ? AND revision > ? ORDER BY revision LIMIT ?',
      chat.peer_id,
      chat.fed_revision,
      limits.deliveryRowsMax,
    )
    .toArray()

/** Whether the peer's mailbox has something to learn. Nothing is told to a peer whom the owner has blocked. */
export const isPending = (box: Box, chat: ChatRow, own: OwnProfile) =>
  chat.peer_id !== box.userId &&
  chat.peer_gone === 0 &&
  !box.blocks.isBlocked(chat.peer_id) &&
  (chat.pending_id !== '' ||
    chat.fed_revision < chat.revision ||
    chat.fed_state_revision < chat.state_revision ||
    chat.fed_profile_revision < own.revision)

/** The next delivery to a peer: present state of what waits, as much as one call takes. */
export function collect(box: Box, chat: ChatRow, own: OwnProfile): Batch {
  const creations = chat.pending_id ? fitting(pendingCreations(box.sql, chat)) : []
  return {
    createdUpTo: creations.at(-1)?.id ?? null,
    delivery: {
      from: box.userId,
      profile: chat.fed_profile_revision < own.revision ? { revision: own.revision, profile: own.profile } : null,
      state:
        chat.fed_state_revision < chat.state_revision ? { revision: chat.state_revision, readId: chat.read_id } : null,
      creations: creations.map(toFed),
      changes: creations.length === 0 && chat.fed_revision < chat.revision ? collectChanges(box.sql, chat) : null,
    },
  }
}

/** What is left to say when nothing is pending and the owner has gone. Those whom the owner has blocked hear it too. */
export const farewell = (box: Box): Batch => ({
  createdUpTo: null,
  delivery: { from: box.userId, profile: null, state: null, creations: [], changes: null, gone: true },
})

export const isFarewellDue = (box: Box, chat: ChatRow) => chat.peer_id !== box.userId && chat.peer_gone === 0

function collectChanges(sql: SqlStorage, chat: ChatRow): Delivery['changes'] {
  const rows = pendingChanges(sql, chat)
  const fit = fitting(rows)
  const isRest = fit.length === rows.length && rows.length < limits.deliveryRowsMax
  return { upToRevision: (isRest ? null : fit.at(-1)?.revision) ?? chat.revision, messages: fit.map(toFed) }
}

/** Up to where the owner's feeds for a peer reach, delivered or not. */
export interface Reach {
  id: string
  revision: number
  stateRevision: number
}

export const reach = (chat: ChatRow | undefined): Reach => ({
  id: chat?.own_id ?? '',
  revision: chat?.revision ?? 0,
  stateRevision: chat?.state_revision ?? 0,
})

/** What became of a delivery: the creations that were refused, under a block of the peer's. The peer holds all others. */
export interface Receipt {
  refused: string[]
  /** The mailbox was erased, or is about to be. It takes nothing, now and for ever. */
  gone?: true
}

/** Records what became of a batch. Only delivery is a change that the owner can see; a refusal is not to be noticed. */
export function confirm(box: Box, peerId: string, { delivery, createdUpTo }: Batch, { refused, gone }: Receipt) {
  if (gone || delivery.gone) return endFeed(box, peerId)
  const chat = box.chats.find(peerId)
  if (!chat) return
  const { creations, state, profile, changes } = delivery
  const deliveredId = creations.findLast(({ id }) => !refused.includes(id))?.id ?? ''
  const waited = creations.filter(({ id }) => id >= chat.pending_id).length
  const next: ChatRow = {
    ...chat,
    attempts: 0,
    retry_at: 0,
    fed_state_revision: Math.max(chat.fed_state_revision, state?.revision ?? 0),
    fed_profile_revision: Math.max(chat.fed_profile_revision, profile?.revision ?? 0),
    fed_revision: Math.max(chat.fed_revision, changes?.upToRevision ?? 0),
    ...(createdUpTo !== null && {
      pending_id: firstOwnAfter(box.sql, chat, createdUpTo),
      pending_count: chat.pending_count - waited,
      refused_id: refused.at(-1) ?? chat.refused_id,
    }),
  }
  markRefused(box.sql, peerId, refused)
  if (deliveredId > chat.delivered_id) {
    passOver(box, next, chat.delivered_id, deliveredId)
    box.chats.saveVisible({ ...next, delivered_id: deliveredId }, box.now)
  } else box.chats.save(next)
  purgeHidden(box.sql, next, [...creations, ...(changes?.messages ?? [])])
}

/** Ends both feeds to a peer who is gone, and forgets their profile. What they wrote stays with whom they wrote it to. */
export function endFeed(box: Box, peerId: string) {
  box.blocks.forgetProfile(peerId)
  const chat = box.chats.find(peerId)
  if (!chat || chat.peer_gone) return
  const ended = { peer: null, peer_gone: 1, pending_id: '', pending_count: 0, attempts: 0, retry_at: 0 }
  box.chats.saveVisible({ ...chat, ...ended }, box.now)
  // Content that its author had hidden waited for the peer alone.
  box.sql.exec(
    `UPDATE messages SET text = '', attachments = NULL, reply_to = NULL WHERE chat_id = ? AND mine = 1 AND hidden = 1`,
    peerId,
  )
}

const markRefused = (sql: SqlStorage, chatId: string, refused: string[]) => {
  if (refused.length > 0)
    sql.exec(
      'UPDATE messages SET refused = 1 WHERE chat_id = ? AND id IN (SELECT value FROM json_each(?))',
      chatId,
      JSON.stringify(refused),
    )
}

/** Shows the owner that messages were passed over, once a later one has been delivered; until then nothing tells. */
function passOver(box: Box, chat: ChatRow, from: string, to: string) {
  if (chat.refused_id <= from) return
  const passed = box.sql
    .exec<{ id: string }>(
      'SELECT id FROM messages WHERE chat_id = ? AND id > ? AND id < ? AND refused = 1',
      chat.peer_id,
      from,
      to,
    )
    .toArray()
  for (const { id } of passed)
    box.sql.exec('UPDATE messages SET seq = ? WHERE chat_id = ? AND id = ?', box.sequence.take(), chat.peer_id, id)
}

function firstOwnAfter(sql: SqlStorage, chat: ChatRow, id: string): string {
  if (chat.own_id <= id) return ''
  const next = sql.exec<{ id: string }>(
    'SELECT id FROM messages WHERE chat_id = ? AND id > ? AND mine = 1 ORDER BY id LIMIT 1',
    chat.peer_id,
    id,
  )
  return next.toArray()[0]?.id ?? ''
}

/** What its author had hidden while it waited loses its content now, unless an edit of it waits still. */
function purgeHidden(sql: SqlStorage, chat: ChatRow, fed: FedMessage[]) {
  for (const { id } of fed) {
    const row = messages.find(sql, chat.peer_id, id)
    if (row?.hidden && !isWaiting(chat, row)) messages.update(sql, { ...row, ...purged })
  }
}

/** When a failed delivery is tried again: doubling from a second to minutes, less up to a half, so that peers spread. */
export function fail(box: Box, peerId: string) {
  const chat = box.chats.find(peerId)
  if (!chat) return
  const delay = Math.min(limits.deliveryRetryMs * 2 ** Math.min(chat.attempts, 16), limits.deliveryRetryMaxMs)
  const retryAt = box.now + Math.ceil(delay * (0.5 + Math.random() / 2))
  box.chats.save({ ...chat, attempts: chat.attempts + 1, retry_at: retryAt })
  box.wakeBy(retryAt)
}
