import type { Chat } from '../../schemas/chat'
import type { Message, Messages } from '../../schemas/message'
import { call, ok } from './call'
import { ringUntilDelivered } from './delivery-faults'
import { newUser, type TestUser } from './users'

/** The steps of a conversation, for tests that are about something else. */

export async function pair(): Promise<[TestUser, TestUser]> {
  return [await newUser(), await newUser()]
}

/** Two who have saved each other as contacts, so that no chat between them is a message request. */
export async function friends(): Promise<[TestUser, TestUser]> {
  const [ana, ben] = await pair()
  await befriend(ana, ben)
  return [ana, ben]
}

/** Has two users save each other as contacts. */
export async function befriend(one: TestUser, other: TestUser) {
  const save = (as: TestUser, { id: userId }: TestUser) => ok('saveContact', { params: { userId }, body: {} }, { as })
  await Promise.all([save(one, other), save(other, one)])
}

export const send = async (from: TestUser, to: { id: string }, text: string, more: object = {}) =>
  ok<Message>(
    'sendMessage',
    { params: { chatId: to.id }, body: { clientMessageId: crypto.randomUUID(), text, ...more } },
    { as: from },
  )

export const edit = (author: TestUser, { chatId, id }: Message, text: string) =>
  ok<Message>('editMessage', { params: { chatId, messageId: id }, body: { text } }, { as: author })

export const remove = (user: TestUser, peer: { id: string }, message: Message, scope?: 'me' | 'everyone') =>
  call('deleteMessage', { params: { chatId: peer.id, messageId: message.id }, query: { scope } }, { as: user })

export const react = (user: TestUser, peer: { id: string }, message: Message, emoji: string) =>
  ok<Message>('addReaction', { params: { chatId: peer.id, messageId: message.id, emoji } }, { as: user })

export const list = (user: TestUser, peer: { id: string }, query: Record<string, string | number> = {}) =>
  ok<Messages>('listMessages', { params: { chatId: peer.id }, query }, { as: user })

export const get = (user: TestUser, peer: { id: string }, message: { id: string }) =>
  ok<Message>('getMessage', { params: { chatId: peer.id, messageId: message.id } }, { as: user })

export const chat = (user: TestUser, peer: { id: string }) =>
  ok<Chat>('getChat', { params: { chatId: peer.id } }, { as: user })

export const markRead = (user: TestUser, peer: { id: string }, message: { id: string }) =>
  ok<Chat>('markChatRead', { params: { chatId: peer.id }, body: { upToMessageId: message.id } }, { as: user })

/** Lets everything in transit arrive. */
export const delivered = (...users: TestUser[]) => ringUntilDelivered(users.map(({ id }) => id))
