import { createHash } from 'node:crypto'
import type { Message, OutgoingMessage } from '../../../schemas/message'
import type { FileMetadata } from '../../../src/core/file-metadata'
import { idTime, mintId } from '../../../src/core/ids'
import { limits } from '../../../src/core/limits'
import { metadataText } from '../../../src/core/metadata'
import type { Profile } from '../../../src/core/profile'
import { done, type Outcome, refuse } from '../../durable/outcome'
import type { CallerContext, MailboxContext } from '../context'
import { grantFiles, type ReadableFile } from '../files/grants'
import { attachableFiles } from '../files/stored-files'
import { spend } from '../limits/quotas'
import type { ChatRow } from '../tables/chats'
import type { MessageRow, StoredQuote } from '../tables/message-row'
import * as messages from '../tables/messages'
import { staysArchived } from './message-changes'
import { accepted, begunByOwner, chargeRequest } from './requests'
import { toMessage } from './to-wire'

interface Sent {
  message: Message
  /** False if an earlier call created the message. */
  created: boolean
}

/** The content of a message, once all of it was found usable. */
interface Content {
  /** Custom data as JSON. */
  metadata: string | null
  attachments: FileMetadata[]
  /** The attachments that belong to others. */
  forwarded: FileMetadata[]
  replyTo: StoredQuote | null
}

/** Distinguishes a retry from a client message id that is reused for something else. Retries of old messages match, too. */
function requestHash(chatId: string, { text, attachmentFileIds, replyToId, metadata }: OutgoingMessage): string {
  const asked = [chatId, text ?? '', attachmentFileIds ?? [], replyToId ?? null]
  const custom = metadataText(metadata)
  return createHash('sha256')
    .update(JSON.stringify(custom === null ? asked : [...asked, custom]))
    .digest('base64url')
}

/**
 * Mints an id later than any held in the chat, even if the clock went back: a reply never sorts before the message it
 * replies to.
 */
function mintMessageId(chat: ChatRow, now: number) {
  const floor = chat.greatest_id ? idTime(chat.greatest_id) + 1 : 0
  return mintId('message', Math.max(now, floor))
}

/**
 * Stores a message from the owner, once per client message id. `peer` is the peer's profile if the caller has looked it
 * up; without it, a chat that does not exist yet is refused.
 */
export function sendMessage(
  context: CallerContext,
  chatId: string,
  input: OutgoingMessage,
  peer: Profile | null,
): Outcome<Sent> {
  const hash = requestHash(chatId, input)
  const known = messages.findByClientId(context.sql, input.clientMessageId)
  if (known) return repeat(context, known, hash)
  if (context.isFull()) return refuse('mailbox_full')

  if (input.mentions?.length) return noMentions
  const held = context.chats.find(chatId)
  const chat = held ?? begunByOwner(context, chatId, peer)
  if (!chat || chat.peer_gone) return refuse('chat_not_found')
  if (context.blocks.isBlocked(chatId)) return refuse('blocked_by_you')
  if (chat.pending_count >= limits.undeliveredMax) return refuse('too_many_undelivered')

  const content = collectContent(context, chat, input)
  if (!content.ok) return content
  const requested = chargeRequest(chat, 1, sizeOf(input.text, content.value))
  if (!requested.ok) return requested
  const charged = charge(context, requested.value, held === undefined)
  if (!charged.ok) return charged
  const row = toRow(context, chat, input, { hash, ...content.value })
  return store(context, charged.value, row, content.value.forwarded)
}

const noMentions = refuse('mention_unusable', [
  { pointer: '/mentions/0', code: 'mention_unusable', detail: 'Only messages in groups mention somebody.' },
])

const sizeOf = (text: string | undefined, { metadata, attachments }: Content) =>
  Buffer.byteLength(text ?? '') + Buffer.byteLength(metadata ?? '') + Buffer.byteLength(JSON.stringify(attachments))

function repeat(context: CallerContext, row: MessageRow, hash: string): Outcome<Sent> {
  const chat = context.chats.find(row.chat_id)
  if (!chat || row.request_hash !== hash)
    return refuse('client_message_id_reused', [
      {
        pointer: '/clientMessageId',
        code: 'client_message_id_reused',
        detail: 'It was already used for another message.',
      },
    ])
  return done({ message: toMessage(context, row, chat), created: false })
}

const toFile = ({ file }: ReadableFile) => file

function collectContent(context: MailboxContext, chat: ChatRow, input: OutgoingMessage): Outcome<Content> {
  const attached = attachableFiles(context.sql, input.attachmentFileIds ?? [])
  if (!attached.ok) return attached
  const replyTo = input.replyToId === undefined ? null : quote(context, chat, input.replyToId)
  if (replyTo !== undefined) {
    const forwarded = attached.value.filter(({ isOwn }) => !isOwn)
    const metadata = metadataText(input.metadata)
    return done({ metadata, attachments: attached.value.map(toFile), forwarded: forwarded.map(toFile), replyTo })
  }
  return refuse('reply_target_unusable', [
    {
      pointer: '/replyToId',
      code: 'reply_target_unusable',
      detail: 'No such message in this chat, or it was deleted.',
    },
  ])
}

function quote(context: MailboxContext, chat: ChatRow, replyToId: string): StoredQuote | undefined {
  const row = messages.findVisible(context.sql, chat, replyToId)
  if (!row || row.deleted_at) return undefined
  const senderId = row.mine ? context.userId : chat.peer_id
  return messages.shortQuote({ id: row.id, senderId, text: row.text, contentRevision: row.content_revision ?? 0 })
}

/**
 * Charges the send rate and, for a first message to a stranger, the quota of new chats. A stranger who wrote first
 * already has a chat. Returns the chat to save.
 */
function charge(context: MailboxContext, chat: ChatRow, isNew: boolean): Outcome<ChatRow> {
  const { sendRate, quotas, now } = context
  const wait = sendRate.wait(quotas.sendRate, now)
  if (wait !== null) return { ok: false, code: 'sends_exhausted', retryAfterSeconds: wait }
  const isStranger = isNew && chat.peer_id !== context.userId
  const refused = isStranger ? spend(context, quotas.newChats, 1) : null
  if (refused) return { ok: false, code: 'new_chats_exhausted', retryAfterSeconds: refused.afterSeconds }
  return done(sendRate.take(chat, quotas.sendRate, now))
}

const toRow = (
  { now, sequence }: MailboxContext,
  chat: ChatRow,
  input: OutgoingMessage,
  { hash, metadata, attachments, replyTo }: Content & { hash: string },
): MessageRow => ({
  chat_id: chat.peer_id,
  id: mintMessageId(chat, now),
  seq: sequence.take(),
  mine: 1,
  client_message_id: input.clientMessageId,
  request_hash: hash,
  text: input.text ?? '',
  attachments: attachments.length > 0 ? JSON.stringify(attachments) : null,
  metadata,
  reply_to_id: replyTo?.id ?? null,
  reply_to: replyTo && JSON.stringify(replyTo),
  own_reactions: null,
  peer_reactions: null,
  peer_reacted_at: null,
  removed_reactions: null,
  created_at: now,
  edited_at: null,
  deleted_at: null,
  hidden: 0,
  refused: 0,
  revision: null,
  content_revision: null,
})

/**
 * Inserts the message and leaves it to the creation feed. A note to self is delivered and read at once. While the message
 * stands, its sender may read what they forwarded with it.
 */
function store(context: CallerContext, chat: ChatRow, row: MessageRow, forwarded: FileMetadata[]): Outcome<Sent> {
  const toSelf = chat.peer_id === context.userId
  const begun = accepted(context, chat)
  messages.insert(context.sql, [row])
  if (forwarded.length > 0) grantFiles(context.sql, chat.peer_id, row.id, forwarded)
  const saved = context.chats.save({
    ...begun,
    seq: row.seq,
    updated_at: context.now,
    last_message_id: row.id,
    greatest_id: row.id,
    own_id: row.id,
    archived: staysArchived(chat, context.now),
    ...(toSelf
      ? { delivered_id: row.id, peer_read_id: row.id }
      : { pending_id: chat.pending_id || row.id, pending_count: chat.pending_count + 1 }),
  })
  context.lastSent.set(row)
  return done({ message: toMessage(context, row, saved), created: true })
}
