import type { Block } from '../../schemas/block'
import type { Changes } from '../../schemas/changes'
import type { Chat } from '../../schemas/chat'
import type { Contact } from '../../schemas/contact'
import type { Message } from '../../schemas/message'
import type { Session } from '../../schemas/session'
import type { Me } from '../../schemas/user'

/** Everything a user sees; each list is in the order of its keys. */
export interface View {
  chats: Chat[]
  messages: Message[]
  contacts: Contact[]
  blocks: Block[]
  sessions: Session[]
  me: Me | null
}

export type ReadPage = (cursor: string | undefined) => Promise<Changes>

const byKey = ([a]: [string, unknown], [b]: [string, unknown]) => (a < b ? -1 : 1)

const sorted = <T>(held: Map<string, T>): T[] => [...held].sort(byKey).map(([, item]) => item)

function putOrDelete<T>(held: Map<string, T>, key: string, value: T | null) {
  if (value === null) held.delete(key)
  else held.set(key, value)
}

/**
 * A client's state as the API document describes it, built from pages of changes and nothing else. It recognizes its own
 * messages by their sender, not by their status, so that a wrong status shows up.
 */
export class ClientState {
  /** Undefined before the first page. */
  cursor: string | undefined
  readonly #userId: string
  readonly #chats = new Map<string, Chat>()
  readonly #messages = new Map<string, Message>()
  readonly #contacts = new Map<string, Contact>()
  readonly #blocks = new Map<string, Block>()
  readonly #sessions = new Map<string, Session>()
  #me: Me | null = null

  constructor(userId: string, cursor?: string) {
    this.#userId = userId
    this.cursor = cursor
  }

  /** Reads pages from the cursor to the end. */
  async sync(readPage: ReadPage) {
    for (let hasMore = true; hasMore; ) {
      const page = await readPage(this.cursor)
      this.apply(page)
      hasMore = page.hasMore
    }
  }

  apply(page: Changes) {
    if (page.reset) this.#reset()
    for (const message of page.messages) this.#applyMessage(message)
    for (const { messageId } of page.removed) this.#messages.delete(messageId)
    for (const groupId of page.left) this.#chats.delete(groupId)
    for (const chat of page.chats) this.#applyChat(chat)
    for (const { userId, contact } of page.contacts) putOrDelete(this.#contacts, userId, contact)
    for (const { userId, block } of page.blocks) putOrDelete(this.#blocks, userId, block)
    for (const { sessionId, session } of page.sessions) putOrDelete(this.#sessions, sessionId, session)
    this.#me = page.me ?? this.#me
    this.cursor = page.cursor
  }

  #applyMessage(message: Message) {
    this.#messages.set(message.id, message)
    if (message.deletedAt === null) return
    for (const reply of this.#messages.values())
      if (reply.replyTo?.id === message.id)
        this.#messages.set(reply.id, { ...reply, replyTo: { ...reply.replyTo, text: '' } })
  }

  /** Drops the cursor, so that the next page starts a full copy. */
  forget() {
    this.cursor = undefined
  }

  get chatIds(): string[] {
    return [...this.#chats.keys()]
  }

  get messageIds(): string[] {
    return [...this.#messages.keys()]
  }

  hasChat(chatId: string): boolean {
    return this.#chats.has(chatId)
  }

  /** The messages of a chat, oldest first, with statuses derived from the chat's watermarks. */
  messagesOf(chatId: string): Message[] {
    return [...this.#messages.values()]
      .filter((message) => message.chatId === chatId)
      .sort((a, b) => (a.id < b.id ? -1 : 1))
      .map((message) => this.#withStatus(message))
  }

  view(): View {
    return {
      chats: sorted(this.#chats),
      messages: sorted(this.#messages).map((message) => this.#withStatus(message)),
      contacts: sorted(this.#contacts),
      blocks: sorted(this.#blocks),
      sessions: sorted(this.#sessions),
      me: this.#me,
    }
  }

  #reset() {
    for (const held of [this.#chats, this.#messages, this.#contacts, this.#blocks, this.#sessions]) held.clear()
    this.#me = null
  }

  #applyChat(chat: Chat) {
    this.#chats.set(chat.id, chat)
    if (!chat.clearedUpTo) return
    for (const message of this.#messages.values()) {
      const upTo = message.senderId === this.#userId ? chat.clearedUpTo.own : chat.clearedUpTo.peer
      if (message.chatId === chat.id && upTo !== null && message.id <= upTo) this.#messages.delete(message.id)
    }
  }

  #withStatus(message: Message): Message {
    return { ...message, status: this.#statusOf(message, this.#chats.get(message.chatId)) }
  }

  #statusOf(message: Message, chat: Chat | undefined): Message['status'] {
    if (message.senderId !== this.#userId) return null
    if (message.undelivered) return 'sent'
    if (message.id <= (chat?.readUpToMessageId ?? '')) return 'read'
    return message.id <= (chat?.deliveredUpToMessageId ?? '') ? 'delivered' : 'sent'
  }
}
