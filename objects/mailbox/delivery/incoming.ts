import { forgetWords } from '../chats/indexing'
import { countsAsUnread, saveChange, staysArchived } from '../chats/message-changes'
import { blankQuotes } from '../chats/quotes'
import { begunByPeer } from '../chats/requests'
import { isInAudience } from '../contacts/audiences'
import type { MailboxContext } from '../context'
import { grantFiles, revokeFiles } from '../files/grants'
import { pastBlock } from '../tables/blocks'
import type { ChatRow } from '../tables/chats'
import type { MessageRow, OwnReaction, StoredQuote } from '../tables/message-row'
import * as messages from '../tables/messages'
import { admit } from './admission'
import { endFeed } from './results'
import type { Delivery, DeliveryResult, FedMessage } from './shapes'

/**
 * Applies a delivery from a peer's mailbox, in one synchronous block. Anything at or below a watermark was applied or
 * refused before and is skipped, so a duplicate or late delivery changes nothing. An identical state is not a change.
 */
export function receiveDelivery(context: MailboxContext, delivery: Delivery): DeliveryResult {
  const result = apply(context, delivery)
  if (delivery.gone) endFeed(context, delivery.from)
  return result
}

function apply(context: MailboxContext, delivery: Delivery): DeliveryResult {
  const block = context.blocks.find(delivery.from)
  if (block?.blocked || !mayWrite(context, delivery.from)) {
    context.blocks.refuse(delivery.from, positionOf(delivery))
    return { refused: notHeld(context, delivery.from, delivery.creations) }
  }
  const known = context.chats.find(delivery.from)
  const held = known ?? begunByPeer(context, delivery.from)
  const chat = block ? pastBlock(held, block) : held
  const { admitted, isFull } = admit(context, chat, delivery, !known)
  const told = applyState(applyProfile(chat, admitted), admitted)
  if (admitted.creations.length > 0) applyCreations(context, told, admitted.creations)
  else if (known && isVisible(known, told)) context.chats.saveVisible(told, context.now)
  else if (known && told !== chat) context.chats.save(told)
  // Everything before was refused, and there is no chat to store a profile in.
  else if (!known && block && !isFull) context.blocks.refuse(delivery.from, positionOf(delivery))
  if (isFull) return { full: true }
  if (admitted.changes) applyChanges(context, delivery.from, admitted.changes)
  const repeated = delivery.creations.filter(({ id }) => id <= chat.peer_own_id)
  return { refused: notHeld(context, delivery.from, repeated) }
}

/** Whoever the owner has accepted can write; for all others, it is the owner's setting. What it excludes is refused. */
const mayWrite = (context: MailboxContext, peerId: string) =>
  context.chats.find(peerId)?.accepted === 1 || isInAudience(context, peerId, 'messageAudience')

const positionOf = ({ creations, changes, state, profile }: Delivery) => ({
  id: creations.at(-1)?.id ?? '',
  revision: changes?.upToRevision ?? 0,
  stateRevision: state?.revision ?? 0,
  profile,
})

/** The creations that this mailbox does not hold, so that a repeated delivery gets the same result as the first one. */
const notHeld = (context: MailboxContext, peerId: string, creations: FedMessage[]) =>
  creations.filter(({ id }) => !messages.find(context.sql, peerId, id)).map(({ id }) => id)

const isVisible = (from: ChatRow, to: ChatRow) => from.peer !== to.peer || from.peer_read_id !== to.peer_read_id

function applyProfile(chat: ChatRow, { profile }: Delivery): ChatRow {
  if (!profile || chat.peer_gone || profile.revision <= chat.peer_profile_revision) return chat
  return { ...chat, peer: JSON.stringify(profile.profile), peer_profile_revision: profile.revision }
}

function applyState(chat: ChatRow, { state }: Delivery): ChatRow {
  if (!state || state.revision <= chat.peer_state_revision) return chat
  const readId = state.readId > chat.peer_read_id ? state.readId : chat.peer_read_id
  return { ...chat, peer_state_revision: state.revision, peer_read_id: readId, peer_accepted: 1 }
}

/** The quote as its reader may see it: without what was deleted since, and without what was written under a block. */
function readableQuote(
  context: MailboxContext,
  chat: ChatRow,
  quote: StoredQuote,
  arriving: ReadonlySet<string>,
): StoredQuote {
  const quoted = messages.find(context.sql, chat.peer_id, quote.id)
  if (!quoted) return arriving.has(quote.id) ? quote : { ...quote, text: '' }
  if (quoted.deleted_at) return { ...quote, text: '' }
  const refusedRevision = context.blocks.find(chat.peer_id)?.refused_revision ?? 0
  const isRefused = !quoted.mine && (quote.contentRevision ?? 0) > 0 && (quote.contentRevision ?? 0) <= refusedRevision
  return isRefused ? { ...quote, text: quoted.text } : quote
}

function toRow(context: MailboxContext, chat: ChatRow, fed: FedMessage, arriving: ReadonlySet<string>): MessageRow {
  const replyTo = fed.replyTo && messages.shortQuote(readableQuote(context, chat, fed.replyTo, arriving))
  return {
    chat_id: chat.peer_id,
    id: fed.id,
    seq: context.sequence.take(),
    mine: 0,
    client_message_id: null,
    request_hash: null,
    text: fed.text,
    attachments: fed.attachments.length > 0 ? JSON.stringify(fed.attachments) : null,
    metadata: fed.metadata ?? null,
    reply_to_id: replyTo?.id ?? null,
    reply_to: replyTo && JSON.stringify(replyTo),
    own_reactions: null,
    peer_reactions: messages.storedReactions(fed.reactions.map(({ emoji }) => emoji)),
    peer_reacted_at: storedTimes(fed.reactions),
    removed_reactions: null,
    created_at: fed.createdAt,
    edited_at: fed.editedAt,
    deleted_at: fed.deletedAt,
    hidden: 0,
    refused: 0,
    revision: null,
    content_revision: null,
  }
}

function applyCreations(context: MailboxContext, chat: ChatRow, creations: FedMessage[]) {
  const arriving = new Set(creations.map(({ id }) => id))
  const rows = creations.map((fed) => toRow(context, chat, fed, arriving))
  messages.insert(context.sql, rows)
  for (const { id, attachments } of creations)
    if (attachments.length > 0) grantFiles(context.sql, chat.peer_id, id, attachments)
  const last = creations.reduce((greatest, { id }) => (id > greatest ? id : greatest), '')
  const greater = (id: string) => (last > id ? last : id)
  context.chats.save({
    ...chat,
    seq: rows.at(-1)?.seq ?? chat.seq,
    updated_at: context.now,
    peer_own_id: last,
    peer_accepted: 1,
    visible_from: rows.reduce((lowest, { id }) => (id < lowest ? id : lowest), chat.visible_from),
    greatest_id: greater(chat.greatest_id),
    last_message_id: greater(chat.last_message_id),
    unread_count: chat.unread_count + rows.filter((row) => countsAsUnread(chat, row)).length,
    archived: staysArchived(chat, context.now),
  })
}

function applyChanges(
  context: MailboxContext,
  peerId: string,
  changes: { upToRevision: number; messages: FedMessage[] },
) {
  const chat = context.chats.find(peerId)
  if (!chat || changes.upToRevision <= chat.peer_revision) return
  const block = context.blocks.find(peerId)
  const deliveredUpTo = block && block.refused_id > chat.peer_own_id ? block.refused_id : chat.peer_own_id
  // Creations go first. A change that has overtaken one must not be confirmed, or it would be silently lost.
  if (changes.messages.some(({ id }) => id > deliveredUpTo && !messages.find(context.sql, peerId, id)))
    throw new Error('A change has overtaken the message that it is of')
  const refused = block?.refused_revision ?? 0
  const applied = changes.messages.reduce((current, fed) => applyChange(context, current, fed, refused), chat)
  context.chats.save({ ...applied, peer_revision: changes.upToRevision })
}

/**
 * The row with the peer's part as it is now: their reactions, and the content if they wrote it. The state is the present
 * one, whatever part of it was applied before; only what dates from up to `refused` was done under a block and stays out,
 * also when a later change of the same message brings it along.
 */
function withPeersPart(row: MessageRow, fed: FedMessage, refused: number): MessageRow {
  const reactions = peersReactions(row, fed, refused)
  const peer_reactions = messages.storedReactions(reactions.map(({ emoji }) => emoji))
  const peersPart = { peer_reactions, peer_reacted_at: storedTimes(reactions) }
  if (row.mine || fed.contentRevision <= refused) return { ...row, ...peersPart }
  if (fed.deletedAt !== null) return { ...row, ...messages.blank(fed.deletedAt) }
  const attachments = fed.attachments.length > 0 ? JSON.stringify(fed.attachments) : null
  const metadata = fed.metadata === undefined ? row.metadata : fed.metadata
  return { ...row, ...peersPart, text: fed.text, attachments, metadata, edited_at: fed.editedAt }
}

type PeerReaction = Pick<OwnReaction, 'emoji' | 'at'>

/** By emoji, as stored; null if there are none. */
function storedTimes(reactions: PeerReaction[]): string | null {
  const times = reactions.flatMap(({ emoji, at }) => (at === undefined ? [] : [[emoji, at]]))
  return times.length > 0 ? JSON.stringify(Object.fromEntries(times)) : null
}

/**
 * Those that were held stay unless they were taken back outside a block; new ones come unless they were made under one. One
 * that was taken back and added again has the later time.
 */
function peersReactions(
  row: MessageRow,
  { reactions, removedReactions = [] }: FedMessage,
  refused: number,
): PeerReaction[] {
  const times = messages.peerReactedAt(row)
  const held = messages.peerReactionsOf(row)
  const accepted = reactions.filter(({ revision }) => revision > refused)
  const isRemovalRefused = (emoji: string) =>
    removedReactions.some((one) => one.emoji === emoji && one.revision <= refused)
  const isPresent = (emoji: string) => reactions.some((one) => one.emoji === emoji)
  const heldAt = (emoji: string): PeerReaction => {
    const at = accepted.find((one) => one.emoji === emoji)?.at ?? times[emoji]
    return at === undefined ? { emoji } : { emoji, at }
  }
  const kept = held.filter((emoji) => isPresent(emoji) || isRemovalRefused(emoji)).map(heldAt)
  return [...kept, ...accepted.filter(({ emoji }) => !held.includes(emoji))]
}

/** A message deleted by its author stays so. One that is hidden or cleared here, or was refused, is gone but for its quotes. */
function applyChange(context: MailboxContext, chat: ChatRow, fed: FedMessage, refused: number): ChatRow {
  const row = messages.find(context.sql, chat.peer_id, fed.id)
  if (fed.revision <= refused || row?.deleted_at) return chat
  if (!row || row.hidden || messages.isCleared(chat, row)) {
    if (fed.deletedAt === null || row?.mine) return chat
    if (row) messages.update(context.sql, { ...row, ...messages.blank(fed.deletedAt) })
    return blankQuotes(context, chat, fed.id)
  }
  const changed = withPeersPart(row, fed, refused)
  if (isSame(row, changed)) return chat
  const lost = countsAsUnread(chat, row) && !countsAsUnread(chat, changed) ? 1 : 0
  const saved = saveChange(context, chat, changed, { unread_count: chat.unread_count - lost })
  if (changed.text !== row.text) forgetWords(context, chat, row)
  if (!changed.deleted_at) return saved.chat
  if (row.attachments) revokeFiles(context.sql, chat.peer_id, [fed.id])
  return blankQuotes(context, saved.chat, fed.id)
}

const isSame = (a: MessageRow, b: MessageRow) =>
  a.text === b.text &&
  a.attachments === b.attachments &&
  a.metadata === b.metadata &&
  a.peer_reactions === b.peer_reactions &&
  a.peer_reacted_at === b.peer_reacted_at &&
  a.edited_at === b.edited_at &&
  a.deleted_at === b.deleted_at
