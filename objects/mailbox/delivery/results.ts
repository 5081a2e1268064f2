import { limits } from '../../../src/core/limits'
import { retryTime } from '../../durable/backoff'
import { isWaiting, purged } from '../chats/message-changes'
import type { MailboxContext } from '../context'
import type { ChatRow } from '../tables/chats'
import * as messages from '../tables/messages'
import type { Batch } from './outgoing'
import type { Delivered, FedMessage } from './shapes'

/** The same wait each time, but for the random part. */
const waitForRoom = { baseMs: limits.deliveryRoomMs, maxMs: limits.deliveryRoomMs }

const backoff = { baseMs: limits.deliveryRetryMs, maxMs: limits.deliveryRetryMaxMs }

/** The chat as a confirmed batch leaves it: what is fed has moved. */
function confirmed(sql: SqlStorage, chat: ChatRow, { delivery, createdUpTo }: Batch, refused: string[]): ChatRow {
  const { creations, state, profile, changes } = delivery
  const waited = creations.filter(({ id }) => id >= chat.pending_id).length
  return {
    ...chat,
    attempts: 0,
    retry_at: 0,
    fed_state_revision: Math.max(chat.fed_state_revision, state?.revision ?? 0),
    fed_profile_revision: Math.max(chat.fed_profile_revision, profile?.revision ?? 0),
    fed_revision: Math.max(chat.fed_revision, changes?.upToRevision ?? 0),
    ...(createdUpTo !== null && {
      pending_id: firstOwnAfter(sql, chat, createdUpTo),
      // None are, if the peer was reported gone in the meantime.
      pending_count: Math.max(0, chat.pending_count - waited),
      refused_id: refused.at(-1) ?? chat.refused_id,
    }),
  }
}

/**
 * Keeps the confirmation of a batch in memory, to be written later, if nothing depends on it but that the batch is not
 * sent again. Returns the last message that was delivered, '' if none was, or null if the confirmation must be recorded
 * at once.
 */
export function keepConfirmation(
  { sql, chats }: MailboxContext,
  peerId: string,
  batch: Batch,
  { refused, gone }: Delivered,
): string | null {
  const chat = chats.latest(peerId)
  if (!chat || gone || batch.delivery.gone || refused.length > 0 || chat.refused_id > chat.delivered_id) return null
  if (chat.attempts > 0 || batch.hasInvisible || (chat.seq !== batch.seq && isAnyInvisible(sql, chat, batch)))
    return null
  const next = confirmed(sql, chat, batch, refused)
  const deliveredId = batch.createdUpTo ?? ''
  const isNews = deliveredId > chat.delivered_id
  chats.keepUnwritten(isNews ? { ...next, delivered_id: deliveredId } : next)
  return isNews ? deliveredId : ''
}

/** Whether the owner has hidden or cleared any of the messages since the batch was collected. */
function isAnyInvisible(sql: SqlStorage, chat: ChatRow, { delivery: { creations, changes } }: Batch): boolean {
  const ids = [...creations, ...(changes?.messages ?? [])].map(({ id }) => id)
  if (ids.some((id) => id <= chat.cleared_own_id || id <= chat.cleared_peer_id)) return true
  return (
    ids.length > 0 &&
    sql
      .exec(
        'SELECT 1 FROM messages WHERE chat_id = ? AND id IN (SELECT value FROM json_each(?)) AND hidden = 1 LIMIT 1',
        chat.peer_id,
        JSON.stringify(ids),
      )
      .toArray().length > 0
  )
}

/** Records what became of a batch. Only delivery is a change that the owner can see; a refusal is not to be noticed. */
export function confirmDelivery(context: MailboxContext, peerId: string, batch: Batch, { refused, gone }: Delivered) {
  const { creations, changes } = batch.delivery
  if (gone || batch.delivery.gone) return endFeed(context, peerId)
  const chat = context.chats.find(peerId)
  if (!chat) return
  const deliveredId = creations.findLast(({ id }) => !refused.includes(id))?.id ?? ''
  const next = confirmed(context.sql, chat, batch, refused)
  markRefused(context.sql, peerId, refused)
  if (deliveredId > chat.delivered_id) {
    passOver(context, next, chat.delivered_id, deliveredId)
    context.chats.saveVisible({ ...next, delivered_id: deliveredId }, context.now)
  } else context.chats.save(next)
  purgeInvisible(context.sql, next, [...creations, ...(changes?.messages ?? [])])
}

/** Ends both feeds to a peer who is gone, and forgets their profile. What the peer wrote stays with its recipients. */
export function endFeed(context: MailboxContext, peerId: string) {
  context.blocks.forgetProfile(peerId)
  const chat = context.chats.find(peerId)
  if (!chat || chat.peer_gone) return
  const ended = { peer: null, peer_gone: 1, pending_id: '', pending_count: 0, attempts: 0, retry_at: 0 }
  context.chats.saveVisible({ ...chat, ...ended }, context.now)
  purgeWaiting(context.sql, chat)
}

/** Content that the owner had hidden or cleared was kept only for the peer, while it waited in one of the feeds. */
function purgeWaiting(sql: SqlStorage, { peer_id, pending_id, own_id, fed_revision, cleared_own_id }: ChatRow) {
  const purge = (range: string) =>
    `UPDATE messages SET text = '', attachments = NULL, metadata = NULL, reply_to = NULL
     WHERE chat_id = ? AND ${range} AND mine = 1 AND (hidden = 1 OR id <= ?)`
  if (pending_id !== '') sql.exec(purge('id >= ? AND id <= ?'), peer_id, pending_id, own_id, cleared_own_id)
  sql.exec(purge('revision > ?'), peer_id, fed_revision, cleared_own_id)
}

const markRefused = (sql: SqlStorage, chatId: string, refused: string[]) => {
  if (refused.length > 0)
    sql.exec(
      'UPDATE messages SET refused = 1 WHERE chat_id = ? AND id IN (SELECT value FROM json_each(?))',
      chatId,
      JSON.stringify(refused),
    )
}

/**
 * Shows the owner that messages were passed over, once a later one has been delivered. Until then, nothing reveals it.
 */
function passOver(context: MailboxContext, chat: ChatRow, from: string, to: string) {
  if (chat.refused_id <= from) return
  const passed = context.sql
    .exec<{ id: string }>(
      'SELECT id FROM messages WHERE chat_id = ? AND id > ? AND id < ? AND refused = 1',
      chat.peer_id,
      from,
      to,
    )
    .toArray()
  for (const { id } of passed)
    context.sql.exec(
      'UPDATE messages SET seq = ? WHERE chat_id = ? AND id = ?',
      context.sequence.take(),
      chat.peer_id,
      id,
    )
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

/** Purges the content of messages that the owner hid or cleared while they were pending, unless an edit still is. */
function purgeInvisible(sql: SqlStorage, chat: ChatRow, fed: FedMessage[]) {
  for (const { id } of fed) {
    const row = messages.find(sql, chat.peer_id, id)
    if (row && (row.hidden || messages.isCleared(chat, row)) && !isWaiting(chat, row))
      messages.update(sql, { ...row, ...purged })
  }
}

/** Has a failed delivery tried again later. */
export function deliveryFailed(context: MailboxContext, peerId: string, nextTry: typeof retryTime) {
  const chat = context.chats.find(peerId)
  if (!chat) return
  const attempts = chat.attempts + 1
  const retryAt = nextTry(attempts, backoff, context.now)
  context.chats.save({ ...chat, attempts, retry_at: retryAt })
  context.wakeBy(retryAt)
}

/** Has a delivery to a full mailbox tried again later. It does not count as failed: the mailbox has answered. */
export function deliveryDeferred(context: MailboxContext, peerId: string) {
  const chat = context.chats.find(peerId)
  if (!chat) return
  const retryAt = retryTime(1, waitForRoom, context.now)
  context.chats.save({ ...chat, attempts: 0, retry_at: retryAt })
  context.wakeBy(retryAt)
}
