import type { Block, Changes, Chat, Contact, Me, Message, Session } from './schema.js'

/** A client's copy of its user's state. */
export interface State {
  /** By chat id, then by message id. */
  messages: Map<string, Map<string, Message>>
  removed: Set<string>
  chats: Map<string, Chat>
  contacts: Map<string, Contact>
  blocks: Map<string, Block>
  /** The signed-in devices. */
  sessions: Map<string, Session>
  me: Me | null
}

export const empty = (): State => ({
  messages: new Map(),
  removed: new Set(),
  chats: new Map(),
  contacts: new Map(),
  blocks: new Map(),
  sessions: new Map(),
  me: null,
})

const isCleared = (message: Message, { clearedUpTo }: Chat) =>
  message.id <= ((message.status === null ? clearedUpTo?.peer : clearedUpTo?.own) ?? '')

function statusIn(message: Message, chat: Chat): Message['status'] {
  if (message.status === null || message.undelivered) return message.status
  if (message.id <= (chat.readUpToMessageId ?? '')) return 'read'
  return message.id <= (chat.deliveredUpToMessageId ?? '') ? 'delivered' : 'sent'
}

/** The same object if nothing changes. */
function withStatus(message: Message, chat: Chat): Message {
  const status = statusIn(message, chat)
  return status === message.status ? message : { ...message, status }
}

function heldOf(state: State, chatId: string): Map<string, Message> {
  const held = state.messages.get(chatId) ?? new Map<string, Message>()
  state.messages.set(chatId, held)
  return held
}

function putChat(state: State, chat: Chat) {
  state.chats.set(chat.id, chat)
  const held = heldOf(state, chat.id)
  for (const message of held.values()) {
    if (isCleared(message, chat)) held.delete(message.id)
    else held.set(message.id, withStatus(message, chat))
  }
}

/** A message that was deleted for everyone also leaves the quotes of it. */
function putMessage(held: Map<string, Message>, message: Message) {
  held.set(message.id, message)
  if (message.deletedAt === null) return
  for (const reply of held.values())
    if (reply.replyTo?.id === message.id) held.set(reply.id, { ...reply, replyTo: { ...reply.replyTo, text: '' } })
}

const put = <T>(map: Map<string, T>, key: string, value: T | null) => (value ? map.set(key, value) : map.delete(key))

/** Forgets a group that the user is no longer in. */
function leave(state: State, chatId: string) {
  state.chats.delete(chatId)
  state.messages.get(chatId)?.clear()
}

/** Applies one page, in any order, except that a chat's marks come after its messages: they act on them. */
export function reduce(state: State, changes: Changes) {
  if (changes.reset) Object.assign(state, empty())
  for (const message of changes.messages) putMessage(heldOf(state, message.chatId), message)
  for (const { chatId, messageId } of changes.removed) {
    heldOf(state, chatId).delete(messageId)
    state.removed.add(messageId)
  }
  for (const chat of changes.chats) putChat(state, chat)
  for (const chatId of changes.left) leave(state, chatId)
  for (const { userId, contact } of changes.contacts) put(state.contacts, userId, contact)
  for (const { userId, block } of changes.blocks) put(state.blocks, userId, block)
  for (const { sessionId, session } of changes.sessions) put(state.sessions, sessionId, session)
  state.me = changes.me ?? state.me
}

/** What `listChats` and `listMessages` return. */
export interface Loaded {
  chats?: Chat[]
  messages?: Message[]
}

/** Applies pages that were loaded, such as those that a screen shows first. Like `settle`, it never undoes a change. */
export function load(state: State, { chats = [], messages = [] }: Loaded) {
  for (const chat of chats) if (!state.chats.has(chat.id)) putChat(state, chat)
  for (const message of messages) settle(state, message)
}

/** Applies the response to a send. Later changes overwrite it; it must not undo earlier ones. */
export function settle(state: State, message: Message) {
  const chat = state.chats.get(message.chatId)
  const held = heldOf(state, message.chatId)
  const isGone = state.removed.has(message.id) || (chat !== undefined && isCleared(message, chat))
  if (!isGone && !held.has(message.id)) held.set(message.id, chat ? withStatus(message, chat) : message)
}

const ascending = (one: string, other: string) => (one < other ? -1 : one > other ? 1 : 0)

/** The messages of a chat, oldest first. */
export const messagesOf = (state: State, chatId: string): Message[] =>
  [...(state.messages.get(chatId)?.values() ?? [])].sort((one, other) => ascending(one.id, other.id))

/** The chat list: pinned chats first, then by latest message first. */
export const chatsOf = (state: State): Chat[] =>
  [...state.chats.values()]
    .filter((chat) => chat.lastMessage !== null)
    .sort(
      (one, other) =>
        Number(other.pinned) - Number(one.pinned) || ascending(other.lastMessage?.id ?? '', one.lastMessage?.id ?? ''),
    )
