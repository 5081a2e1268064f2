import type { Block } from '../../schemas/block'
import type { Changes } from '../../schemas/changes'
import type { Chat } from '../../schemas/chat'
import type { Contact } from '../../schemas/contact'
import type { Message } from '../../schemas/message'
import type { Session } from '../../schemas/session'
import type { Me } from '../../schemas/user'

/** All that a client knows; messages oldest first. */
export interface View {
  chats: Record<string, Chat>
  messages: Record<string, Message[]>
  contacts: Contact[]
  blocks: Block[]
  sessions: Session[]
  me: Me | null
}

export type ReadPage = (query: { cursor?: string; limit: number }) => Promise<Changes>

const byId =
  <T>(key: (item: T) => string) =>
  (a: T, b: T) =>
    key(a) < key(b) ? -1 : 1

/** A client as the document describes one: it holds what pages of changes have told it, and nothing else. */
export class Client {
  readonly #userId: string
  readonly #readPage: ReadPage
  #cursor: string | undefined
  #messages = new Map<string, Message>()
  #chats = new Map<string, Chat>()
  #contacts = new Map<string, Contact>()
  #blocks = new Map<string, Block>()
  #sessions = new Map<string, Session>()
  #me: Me | null = null

  constructor(userId: string, readPage: ReadPage) {
    this.#userId = userId
    this.#readPage = readPage
  }

  get cursor(): string | undefined {
    return this.#cursor
  }

  /** Reads on from the cursor, to the end. */
  async sync(limit: number) {
    for (let hasMore = true; hasMore; ) {
      const page = await this.#readPage({ limit, ...(this.#cursor !== undefined && { cursor: this.#cursor }) })
      this.apply(page)
      hasMore = page.hasMore
    }
  }

  /** Loses the cursor, and with it the right to what it holds. */
  forget() {
    this.#cursor = undefined
  }

  apply(page: Changes) {
    if (page.reset) this.#reset()
    for (const message of page.messages) this.#messages.set(message.id, message)
    for (const { messageId } of page.removed) this.#messages.delete(messageId)
    for (const chat of page.chats) this.#applyChat(chat)
    for (const { userId, contact } of page.contacts) put(this.#contacts, userId, contact)
    for (const { userId, block } of page.blocks) put(this.#blocks, userId, block)
    for (const { sessionId, session } of page.sessions) put(this.#sessions, sessionId, session)
    this.#me = page.me ?? this.#me
    this.#cursor = page.cursor
  }

  /** Messages of a chat, oldest first, each with the status that the chat's watermarks give it. */
  messagesOf(chatId: string): Message[] {
    const chat = this.#chats.get(chatId)
    return [...this.#messages.values()]
      .filter((message) => message.chatId === chatId)
      .map((message) => ({ ...message, status: this.#statusOf(message, chat) }))
      .sort(byId(({ id }) => id))
  }

  get chatIds(): string[] {
    return [...this.#chats.keys()]
  }

  get messageIds(): string[] {
    return [...this.#messages.keys()]
  }

  view(): View {
    const chatIds = this.chatIds.sort()
    return {
      chats: Object.fromEntries(this.#chats),
      messages: Object.fromEntries(chatIds.map((id) => [id, this.messagesOf(id)])),
      contacts: [...this.#contacts.values()].sort(byId(({ userId }) => userId)),
      blocks: [...this.#blocks.values()].sort(byId(({ userId }) => userId)),
      sessions: [...this.#sessions.values()].sort(byId(({ id }) => id)),
      me: this.#me,
    }
  }

  #reset() {
    for (const held of [this.#messages, this.#chats, this.#contacts, this.#blocks, this.#sessions]) held.clear()
    this.#me = null
  }

  #applyChat(chat: Chat) {
    this.#chats.set(chat.id, chat)
    const { own, peer } = chat.clearedUpTo ?? { own: null, peer: null }
    for (const message of this.#messages.values()) {
      const mark = message.senderId === this.#userId ? own : peer
      if (message.chatId === chat.id && mark !== null && message.id <= mark) this.#messages.delete(message.id)
    }
  }

  #statusOf(message: Message, chat: Chat | undefined): Message['status'] {
    if (message.senderId !== this.#userId) return null
    if (message.undelivered) return 'sent'
    if (message.id <= (chat?.readUpToMessageId ?? '')) return 'read'
    return message.id <= (chat?.deliveredUpToMessageId ?? '') ? 'delivered' : 'sent'
  }
}

function put<T>(held: Map<string, T>, key: string, value: T | null) {
  if (value === null) held.delete(key)
  else held.set(key, value)
}
