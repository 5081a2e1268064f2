import type { Block } from '../../schemas/block'
import type { Chat } from '../../schemas/chat'
import type { Contact } from '../../schemas/contact'
import type { Message } from '../../schemas/message'
import type { Sessions } from '../../schemas/session'
import type { Me } from '../../schemas/user'
import { ClientState, type View } from '../support/client-state'
import { type Page, readAll } from '../support/pages'
import { type Person, syncOverRest } from './people'
import { obtain, settle } from './settle'

const list = <Item>(operationId: string, params: Record<string, string>, limit: number, as: Person) =>
  readAll((cursor) => obtain<Page<Item>>(operationId, { params, query: { limit, cursor } }, as))

/** Everything a user sees, keyed by chat; messages are oldest first. */
export interface ViewByChat extends Omit<View, 'chats' | 'messages'> {
  chats: Record<string, Chat>
  messages: Record<string, Message[]>
}

export function viewOf(client: ClientState): ViewByChat {
  const { chats, messages: _, ...rest } = client.view()
  return {
    ...rest,
    chats: Object.fromEntries(chats.map((chat) => [chat.id, chat])),
    messages: Object.fromEntries(chats.map(({ id }) => [id, client.messagesOf(id)])),
  }
}

/** What a full copy of the changes gives. */
export async function copied(person: Person): Promise<ViewByChat> {
  const client = new ClientState(person.id)
  await syncOverRest(client, person, 200)
  return viewOf(client)
}

/** What the lists give, and in which order the chats come. */
export async function listed(person: Person, people: Person[]): Promise<ViewByChat & { order: string[] }> {
  const [inOrder, blocks, contacts, { items: sessions }, me, sides] = await Promise.all([
    list<Chat>('listChats', {}, 2, person),
    list<Block>('listBlocks', {}, 2, person),
    list<Contact>('listContacts', {}, 2, person),
    obtain<Sessions>('listSessions', {}, person),
    obtain<Me>('getMe', {}, person),
    Promise.all(people.map(({ id }) => sideOf(person, id))),
  ])
  const held = sides.flatMap((side) => side ?? []).sort((a, b) => (a.chat.id < b.chat.id ? -1 : 1))
  return {
    chats: Object.fromEntries(held.map(({ chat }) => [chat.id, chat])),
    messages: Object.fromEntries(held.map(({ chat, messages }) => [chat.id, messages])),
    blocks,
    contacts,
    sessions: sessions.sort((a, b) => (a.id < b.id ? -1 : 1)),
    me,
    order: inOrder.map(({ id }) => id),
  }
}

async function sideOf(person: Person, chatId: string) {
  const { status, body } = await settle<Chat>('getChat', { params: { chatId } }, person)
  if (status === 404) return undefined
  const messages = await list<Message>('listMessages', { chatId }, 50, person)
  return { chat: body, messages: messages.toReversed() }
}
