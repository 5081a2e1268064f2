const putOrDelete = (map, key, value) => (value === null ? map.delete(key) : map.set(key, value))

const sorted = (map) => [...map].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, value]) => value)

/** What a device holds: the state of a mailbox, kept up by pages of changes alone. */
export class Copy {
  cursor = null
  chats = new Map()
  messages = new Map()
  contacts = new Map()
  blocks = new Map()
  sessions = new Map()
  me = null

  /** Applies a page, in any order within it, as the document tells clients to. */
  apply({ reset, messages, chats, removed, contacts, blocks, sessions, me, cursor }) {
    if (reset) {
      for (const held of [this.chats, this.messages, this.contacts, this.blocks, this.sessions]) held.clear()
      this.me = null
    }
    for (const chat of chats) this.chats.set(chat.id, chat)
    for (const message of messages) this.messages.set(message.id, message)
    for (const { messageId } of removed) this.messages.delete(messageId)
    for (const { id, clearedUpTo } of chats) this.#clear(id, clearedUpTo)
    for (const { userId, contact } of contacts) putOrDelete(this.contacts, userId, contact)
    for (const { userId, block } of blocks) putOrDelete(this.blocks, userId, block)
    for (const { sessionId, session } of sessions) putOrDelete(this.sessions, sessionId, session)
    this.me = me ?? this.me
    this.cursor = cursor
  }

  #clear(chatId, clearedUpTo) {
    if (!clearedUpTo) return
    for (const message of this.messages.values()) {
      const upTo = message.status === null ? clearedUpTo.peer : clearedUpTo.own
      if (message.chatId === chatId && upTo !== null && message.id <= upTo) this.messages.delete(message.id)
    }
  }

  /** A message with the status that the chat's watermarks give it. */
  #withStatus(message) {
    const chat = this.chats.get(message.chatId)
    if (message.status === null || message.undelivered || !chat) return message
    if (message.id <= (chat.readUpToMessageId ?? '')) return { ...message, status: 'read' }
    return { ...message, status: message.id <= (chat.deliveredUpToMessageId ?? '') ? 'delivered' : 'sent' }
  }

  /** All that a user would see, in one order. */
  state() {
    return {
      chats: sorted(this.chats),
      messages: sorted(this.messages).map((message) => this.#withStatus(message)),
      contacts: sorted(this.contacts),
      blocks: sorted(this.blocks),
      sessions: sorted(this.sessions),
      me: this.me,
    }
  }

  /** The messages of a chat that its user could act on, oldest first. */
  visible(chatId) {
    return [...this.messages.values()]
      .filter((message) => message.chatId === chatId && message.deletedAt === null)
      .sort((a, b) => (a.id < b.id ? -1 : 1))
  }
}
