import { limits } from '../../../src/core/limits'
import type { Profile } from '../../../src/core/profile'
import { done, type Outcome, refuse } from '../../durable/outcome'
import type { MailboxContext } from '../context'
import { type ChatRow, newChat } from '../tables/chats'
import * as contacts from '../tables/contacts'
import { indexAccepted } from './indexing'

/**
 * Message requests. A chat that a stranger began is a request until its owner writes, reacts, saves the peer as a
 * contact, or accepts it. Until then the peer learns nothing of what the owner does: the mailbox feeds its state (the
 * read mark) only in accepted chats, so to the peer's mailbox any state or message is the acceptance. That mailbox counts
 * what its owner has sent to a peer who has not accepted yet. The messages of a request are not in the search index: what
 * a stranger leaves takes little room.
 */

export const isRequest = (chat: ChatRow) => chat.accepted === 0

const asAccepted = (chat: ChatRow): ChatRow => ({ ...chat, accepted: 1, state_revision: chat.state_revision + 1 })

/** The chat as accepted by its owner; the state feed tells the peer, and its messages can be found from now on. */
export function accepted(context: MailboxContext, chat: ChatRow): ChatRow {
  if (!isRequest(chat)) return chat
  indexAccepted(context, chat)
  return asAccepted(chat)
}

/** A chat that a peer begins: a request, unless they are a contact. Those are told that they are accepted. */
export function begunByPeer({ sql }: MailboxContext, peerId: string): ChatRow {
  const request = { ...newChat(peerId, null), accepted: 0 }
  return contacts.isSaved(sql, peerId) ? asAccepted(request) : request
}

/** A chat that the owner begins: a note to self, or one that waits for the peer's acceptance. */
export function begunByOwner({ userId }: MailboxContext, chatId: string, peer: Profile | null): ChatRow | undefined {
  if (chatId === userId) return newChat(chatId, peer)
  return peer ? { ...newChat(chatId, peer), peer_accepted: 0 } : undefined
}

/** Saves the acceptance of a chat, if it is a request. */
export function accept(context: MailboxContext, chat: ChatRow): ChatRow {
  if (!isRequest(chat)) return chat
  return context.chats.saveVisible(accepted(context, chat), context.now)
}

/**
 * Counts a message, or an edit of one, against what may be sent to a peer who has not accepted the chat yet. Refuses with
 * `acceptance_required` beyond that.
 */
export function chargeRequest(chat: ChatRow, messages: 0 | 1, bytes: number): Outcome<ChatRow> {
  if (chat.peer_accepted) return done(chat)
  const requested_count = chat.requested_count + messages
  const requested_bytes = chat.requested_bytes + bytes
  if (requested_count > limits.requestMessagesMax || requested_bytes > limits.requestBytesMax)
    return refuse('acceptance_required')
  return done({ ...chat, requested_count, requested_bytes })
}
