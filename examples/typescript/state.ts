import type { Block, Changes, Chat, Contact, GroupMember, Me, Message, Session } from './schema.js'

/** How far a group is held: its changes up to a version, and its messages from one of them on. */
export interface GroupCopy {
  /** Where its changes continue. */
  cursor: string
  /** The version up to which its changes were applied. */
  version: number
  /** The version that it began with. Messages that were requested before that are of no use. */
  start: number
  /** Messages are held without a gap from this one on. */
  oldestId: string
  /** Whether there may be messages before that one. */
  hasMore: boolean
}

/** A client's copy of its user's state. */
export interface State {
  /** By chat id, then by message id. */
  messages: Map<string, Map<string, Message>>
  removed: Set<string>
  chats: Map<string, Chat>
  /** By the ID of the group, which is that of its chat. */
  groups: Map<string, GroupCopy>
  /** Present and former members, by the ID of the group, then by user ID. */
  members: Map<string, Map<string, GroupMember>>
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
  groups: new Map(),
  members: new Map(),
  contacts: new Map(),
  blocks: new Map(),
  sessions: new Map(),
  me: null,
})

/** Whether a chat is a group: then its ID is that of the group. */
export const isGroup = (chatId: string) => chatId.startsWith('grp_')

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

export function heldOf(state: State, chatId: string): Map<string, Message> {
  const held = state.messages.get(chatId) ?? new Map<string, Message>()
  state.messages.set(chatId, held)
  return held
}

const settingsOf = ({ pinned, mutedUntil, notifyMentions, archived, markedUnread }: Chat) => ({
  pinned,
  mutedUntil,
  notifyMentions,
  archived,
  markedUnread,
})

/**
 * A group's chat, as it comes with changes and with frames. What the group says of itself is in the chat with the greatest
 * version; the user's own settings are those that came last.
 */
const latest = (held: Chat | undefined, chat: Chat): Chat =>
  held && (held.version ?? 0) > (chat.version ?? 0) ? { ...held, ...settingsOf(chat) } : chat

/** A group's chat as it was requested: the user's own settings may have changed since. */
export const withHeldSettings = (state: State, chat: Chat): Chat => {
  const held = state.chats.get(chat.id)
  return held ? { ...chat, ...settingsOf(held) } : chat
}

/** Puts a chat, and applies its marks to its messages. */
export function putChat(state: State, arrived: Chat) {
  const chat = latest(state.chats.get(arrived.id), arrived)
  state.chats.set(chat.id, chat)
  const held = heldOf(state, chat.id)
  for (const message of held.values()) {
    if (isCleared(message, chat)) held.delete(message.id)
    else held.set(message.id, withStatus(message, chat))
  }
}

/** A message that was deleted for everyone also leaves the quotes of it. */
export function putMessage(held: Map<string, Message>, message: Message) {
  held.set(message.id, message)
  if (message.deletedAt === null) return
  for (const reply of held.values())
    if (reply.replyTo?.id === message.id) held.set(reply.id, { ...reply, replyTo: { ...reply.replyTo, text: '' } })
}

const put = <T>(map: Map<string, T>, key: string, value: T | null) => (value ? map.set(key, value) : map.delete(key))

/** Forgets a group that the user is no longer in. */
function leave(state: State, chatId: string) {
  state.chats.delete(chatId)
  state.groups.delete(chatId)
  state.members.delete(chatId)
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
  /** For messages of a group: the group as it was held when they were requested, and whether there are more. */
  group?: { chatId: string; asked: GroupCopy; hasMore: boolean }
}

/** Applies pages that were loaded, such as those that a screen shows first. Like `settle`, it never undoes a change. */
export function load(state: State, { chats = [], messages = [], group }: Loaded) {
  for (const chat of chats) if (!state.chats.has(chat.id)) putChat(state, chat)
  if (group && !extend(state, group, messages)) return
  for (const message of messages) settle(state, message)
}

/** Whether the messages follow on those that are held of the group: it can have begun anew since they were requested. */
function extend(state: State, { chatId, asked, hasMore }: NonNullable<Loaded['group']>, messages: Message[]): boolean {
  const copy = state.groups.get(chatId)
  if (!copy || copy.start !== asked.start || copy.oldestId !== asked.oldestId) return false
  state.groups.set(chatId, { ...copy, oldestId: messages.at(-1)?.id ?? copy.oldestId, hasMore })
  return true
}

/**
 * Applies the response to a send. Later changes overwrite it; it must not undo earlier ones. In a group that is not held,
 * the message comes with the group, if at all.
 */
export function settle(state: State, message: Message) {
  if (isGroup(message.chatId) && !state.groups.has(message.chatId)) return
  const chat = state.chats.get(message.chatId)
  const held = heldOf(state, message.chatId)
  const isGone = state.removed.has(message.id) || (chat !== undefined && isCleared(message, chat))
  if (!isGone && !held.has(message.id)) held.set(message.id, chat ? withStatus(message, chat) : message)
}

const ascending = (one: string, other: string) => (one < other ? -1 : one > other ? 1 : 0)

/** The messages of a chat, oldest first; of a group, those without a gap: changes also bring some from further back. */
export function messagesOf(state: State, chatId: string): Message[] {
  const from = state.groups.get(chatId)?.oldestId ?? ''
  const held = [...(state.messages.get(chatId)?.values() ?? [])]
  return held.filter(({ id }) => id >= from).sort((one, other) => ascending(one.id, other.id))
}

/** The members of a group, by user ID: former ones, too, whose messages are still there. */
export const membersOf = (state: State, chatId: string): ReadonlyMap<string, GroupMember> =>
  state.members.get(chatId) ?? new Map()

/** The chat list: pinned chats first, then by latest message first. */
export const chatsOf = (state: State): Chat[] =>
  [...state.chats.values()]
    .filter((chat) => chat.lastMessage !== null)
    .sort(
      (one, other) =>
        Number(other.pinned) - Number(one.pinned) || ascending(other.lastMessage?.id ?? '', one.lastMessage?.id ?? ''),
    )
