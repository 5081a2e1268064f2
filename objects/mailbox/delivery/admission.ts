import { isRequest } from '../chats/requests'
import type { MailboxContext } from '../context'
import { available, spend } from '../limits/quotas'
import type { ChatRow } from '../tables/chats'
import type { MessageRow } from '../tables/message-row'
import * as messages from '../tables/messages'
import type { Delivery, FedMessage } from './shapes'

/**
 * What a mailbox has room for. One that is full takes no messages, and the requests of all strangers together can fill
 * only so much of it in a day. What is not admitted stays due in the sender's mailbox.
 */
export interface Admission {
  /** The part of the delivery to apply: without messages that are held, and without what there is no room for. */
  admitted: Delivery
  isFull: boolean
}

export function admit(context: MailboxContext, chat: ChatRow, delivery: Delivery, isNew: boolean): Admission {
  const fresh = delivery.creations.filter(({ id }) => id > chat.peer_own_id)
  const admitted = { ...delivery, creations: fresh }
  if (context.isFull() && takesRoom(chat, admitted))
    return { admitted: { ...delivery, creations: [], changes: null }, isFull: true }
  const mayGrow = !isNew || fresh.length > 0
  return isRequest(chat) && mayGrow ? admitRequest(context, chat, admitted, isNew) : { admitted, isFull: false }
}

/**
 * Whether a delivery brings what a full mailbox does not take: messages that it does not hold, or a change of one, unless
 * it is a deletion. It takes read marks and profiles.
 */
const takesRoom = (chat: ChatRow, { creations, changes }: Delivery) =>
  creations.length > 0 || (isAhead(chat, changes) && changes.messages.some(({ deletedAt }) => deletedAt === null))

const isAhead = (chat: ChatRow, changes: Delivery['changes']): changes is NonNullable<Delivery['changes']> =>
  changes !== null && changes.upToRevision > chat.peer_revision

/** Admits what the budget of requests has left for, in the order in which it is applied. */
function admitRequest(context: MailboxContext, chat: ChatRow, delivery: Delivery, isNew: boolean): Admission {
  const { profile, creations, changes } = delivery
  const parts = [
    (isNew ? rowBytes : 0) + profileGrowth(chat, profile),
    ...creations.map(bytesOf),
    isAhead(chat, changes) ? changes.messages.reduce((sum, fed) => sum + changeBytes(context, chat, fed), 0) : 0,
  ]
  const { requests } = context.quotas
  const left = available(context, requests)
  let bytes = 0
  let count = 0
  for (const part of parts) {
    // A part that is larger than the budget would wait forever.
    const sum = bytes + Math.min(part, requests.perDay)
    if (sum > left) break
    bytes = sum
    count++
  }
  // A chat begins with a message.
  if (isNew && count < 2) return { admitted: { ...delivery, creations: [], changes: null }, isFull: true }
  spend(context, requests, bytes)
  const admitted = {
    ...delivery,
    profile: count > 0 ? profile : null,
    creations: creations.slice(0, Math.max(0, count - 1)),
    changes: count === parts.length ? changes : null,
  }
  return { admitted, isFull: count < parts.length }
}

/** A row of the mailbox, without what it holds of a peer's making, and its share of pages that are not full. */
const rowBytes = 768
const pageBytes = 4_096
/** Rows that are longer continue on pages of their own. */
const inPageBytesMax = 512

function storedBytes(...parts: string[]): number {
  const bytes = parts.reduce((sum, part) => sum + Buffer.byteLength(part), 0)
  return bytes <= inPageBytesMax ? bytes : Math.ceil(bytes / pageBytes) * pageBytes
}

const bytesOf = ({ text, attachments, metadata, replyTo, reactions }: FedMessage) =>
  rowBytes * (1 + attachments.length) +
  storedBytes(text, metadata ?? '', JSON.stringify([attachments, replyTo, reactions]))

/** An older version says nothing of the metadata, which then stays. */
const isContentSame = (row: MessageRow, { text, metadata }: FedMessage) =>
  row.text === text && (metadata === undefined || row.metadata === metadata)

/** What a profile takes more than the one before. */
function profileGrowth({ peer, peer_profile_revision }: ChatRow, profile: Delivery['profile']): number {
  if (!profile || profile.revision <= peer_profile_revision) return 0
  return Math.max(0, storedBytes(JSON.stringify(profile.profile)) - storedBytes(peer ?? ''))
}

/** A deletion only makes room. An edit counts like a message, and a reaction like a short one. */
function changeBytes({ sql }: MailboxContext, chat: ChatRow, fed: FedMessage): number {
  if (fed.deletedAt !== null) return 0
  const row = messages.find(sql, chat.peer_id, fed.id)
  if (!row) return 0
  return isContentSame(row, fed) || row.mine ? rowBytes : bytesOf(fed)
}
