import type { ApiClient } from '../typescript/client'
import { messenger } from '../typescript/messenger'
import type { ConnectionState, ServerFrame } from '../typescript/realtime'
import type { Attachment, Changes, Chat, Message, Session } from '../typescript/schema'
import { chatsOf, isGroup, messagesOf } from '../typescript/state'
import type { Pending } from '../typescript/store'
import { Actions } from './actions'
import { ChatActions } from './chat-actions'
import { isMuted } from './chat-state'
import { Company } from './company'
import { saidOfSignIn } from './device-names'
import { hasExpired } from './file-types'
import { GroupActions } from './group-actions'
import { Groups } from './groups'
import { Observable } from './observable'
import { succeeds } from './or-tell'
import { People } from './people'
import { toasts } from './toasts'
import { until } from './until'
import type { Upload } from './upload'
import { uploadFile } from './upload-request'
import { eraseStore, openStore, type WindowStore } from './window-storage'

const presenceAskedMs = 60_000
/** Larger groups are not told who is typing. */
const typingMembersMax = 32
const sessionEnded = 4401
const tooManyConnections = 4409

export interface OwnFile {
  name: string
  size: number
  /** A URL of this device's own copy, if it is a picture. */
  preview: string | undefined
}

interface Draft {
  text: string
  uploads: Upload[]
  replyTo: Message | undefined
  /** Of a group. */
  mentions: string[]
}

/** The signed-in user of this window: what the screen shows, and what the user can do. */
export class Account extends Observable {
  connection: 'connecting' | 'live' = 'connecting'
  /** Whether what this device holds is all there is, or was when it was last connected. */
  loading: 'loading' | 'failed' | 'loaded' = 'loading'
  readonly drafts = new Map<string, string>()
  /** What this window has sent, by file id. */
  readonly sentFiles = new Map<string, OwnFile>()
  readonly people: People
  readonly actions: Actions
  readonly chatActions: ChatActions
  readonly groupActions: GroupActions
  readonly groups: Groups
  readonly #client: ApiClient
  readonly #store: WindowStore
  readonly #company = new Company()
  readonly #messenger: ReturnType<typeof messenger>
  /** The chats as they were when they were last marked as read. */
  readonly #marked = new Map<string, Chat>()
  readonly #links = new Map<string, string>()
  readonly #devicesSeen = new Set<string>()
  readonly #closing = new AbortController()
  /** Messages in order, by chat, until the store changes: scrolling through thousands asks for them with every step. */
  readonly #ordered = new Map<string, Message[]>()

  /** With what this window holds of it. */
  static async open(client: ApiClient, sessionId: string): Promise<Account> {
    let account: Account | undefined
    const store = await openStore(sessionId, () => {
      if (account) account.#storeChanged()
    })
    account = new Account(client, store)
    // It has been connected before.
    if ((await store.cursor()) !== undefined) account.loading = 'loaded'
    return account
  }

  private constructor(client: ApiClient, store: WindowStore) {
    super()
    this.#client = client
    this.#store = store
    this.#messenger = messenger({
      client,
      origin: location.origin,
      store: this.#store,
      onState: (state) => this.#show(state),
      onFrame: (frame) => this.#take(frame),
    })
    this.people = new People(client, () => store.state)
    this.actions = new Actions(client)
    this.chatActions = new ChatActions(client)
    this.groupActions = new GroupActions(client, this.people)
    this.groups = new Groups(store, this.#messenger.history)
    for (const part of [this.people, this.#company, this.groups]) part.subscribe(() => this.changed())
  }

  // ---- Connection ----

  /** Stays connected until the session ends. */
  async run() {
    const { signal } = this.#closing
    // The browser knows at once what the socket may notice only after a minute.
    addEventListener('offline', () => this.#messenger.stop(), { signal })
    document.addEventListener('visibilitychange', () => document.hidden || this.#messenger.wake(), { signal })
    const asking = setInterval(() => this.#askPresence(), presenceAskedMs)
    signal.addEventListener('abort', () => clearInterval(asking))
    while (!signal.aborted) {
      const code = await this.#messenger.run()
      if (code === sessionEnded) return this.#client.session.end()
      // Another device took this one's place; this one reconnects when its user comes back.
      if (code === tooManyConnections) await until(() => document.hasFocus(), 'focus')
      await until(() => navigator.onLine, 'online')
    }
  }

  close() {
    this.#closing.abort()
    this.#messenger.stop()
  }

  /** Leaves nothing behind, once the session has ended. */
  erase() {
    this.close()
    return eraseStore(this.#store)
  }

  /** At once, instead of after a pause. */
  retry() {
    if (this.loading === 'failed') this.loading = 'loading'
    this.changed()
    this.#messenger.wake()
  }

  signOut() {
    // Close first: otherwise the client would reconnect with a session that has ended.
    this.close()
    return this.#client.signOut()
  }

  async deleteAccount() {
    if (!(await succeeds(this.actions.deleteAccount()))) return
    this.close()
    await this.#client.session.end()
  }

  #show(state: ConnectionState) {
    this.connection = state === 'live' ? 'live' : 'connecting'
    if (state === 'live') this.#askPresence()
    if (state === 'live') this.loading = 'loaded'
    else if (state === 'offline' && this.loading === 'loading') this.loading = 'failed'
    this.changed()
  }

  #take(frame: ServerFrame) {
    if (frame.type === 'typing') this.#company.types(frame.chatId, frame.userId)
    if (frame.type === 'delivered') this.#company.isDelivered(frame.chatId, frame.messageId)
    if (frame.type === 'presence') this.#company.isPresent(frame)
    if (frame.type === 'changes' || frame.type === 'groupChanges')
      for (const { chatId, senderId } of frame.changes?.messages ?? []) this.#company.stopsTyping(chatId, senderId)
    if (frame.type !== 'changes') return
    this.#tellSignIns(frame.changes)
    if (this.connection === 'live' && this.#company.isUnwatched(this.chats())) this.#askPresence()
  }

  /** Shows sign-ins on other devices, except those from before this window opened. */
  #tellSignIns({ sessions }: Changes) {
    for (const { sessionId, session } of sessions) {
      const isNew = session && !session.current && !this.#devicesSeen.has(sessionId)
      this.#devicesSeen.add(sessionId)
      if (isNew && this.connection === 'live') toasts.show(saidOfSignIn(session))
    }
  }

  /** For the peers at the top of the list. Each request replaces the previous one. */
  #askPresence() {
    const userIds = this.#company.watch(this.chats())
    this.#messenger.realtime.ask({ type: 'presence', userIds }).catch(() => {})
  }

  // ---- State ----

  get me() {
    return this.#store.state.me
  }

  /** This device first, then the most recently used. */
  devices(): Session[] {
    return [...this.#store.state.sessions.values()].sort(
      (a, b) => Number(b.current) - Number(a.current) || b.lastUsedAt.localeCompare(a.lastUsedAt),
    )
  }

  chats(): Chat[] {
    return chatsOf(this.#store.state)
  }

  /** Without what the user does not want to be told of. */
  unread() {
    const told = this.chats().filter((chat) => !chat.archived && !isMuted(chat))
    return told.reduce((sum, { unreadCount }) => sum + unreadCount, 0)
  }

  chat(chatId: string): Chat | undefined {
    return this.#store.state.chats.get(chatId)
  }

  messagesIn(chatId: string): Message[] {
    const ordered = this.#ordered.get(chatId) ?? messagesOf(this.#store.state, chatId)
    this.#ordered.set(chatId, ordered)
    return ordered
  }

  #storeChanged() {
    this.#ordered.clear()
    this.changed()
  }

  message(chatId: string, messageId: string): Message | undefined {
    return this.#store.state.messages.get(chatId)?.get(messageId)
  }

  pendingIn(chatId: string): Pending[] {
    return [...this.#store.outbox.values()].filter((pending) => pending.chatId === chatId)
  }

  /** The number of messages that are still to be sent. */
  unsent() {
    return [...this.#store.outbox.values()].filter(({ problem }) => !problem).length
  }

  isRequest(chatId: string) {
    return this.chat(chatId)?.request ?? false
  }

  isBlocked(userId: string) {
    return this.#store.state.blocks.has(userId)
  }

  blockedUserIds(): string[] {
    return [...this.#store.state.blocks.keys()]
  }

  typingIn(chatId: string) {
    return this.#company.typingIn(chatId)
  }

  statusOf(message: Message) {
    return this.#company.statusOf(message)
  }

  presenceOf(chatId: string) {
    return this.#company.presenceOf(chatId)
  }

  linkOf({ fileId, url }: Attachment) {
    return this.sentFiles.get(fileId)?.preview ?? this.#links.get(fileId) ?? url
  }

  // ---- Actions ----

  upload(file: File, onProgress: (share: number) => void, signal: AbortSignal) {
    return uploadFile(this.#client, { file, onProgress, signal })
  }

  send(chatId: string, { text, uploads, replyTo, mentions }: Draft) {
    const fileIds = uploads.flatMap(({ stored }) => (stored ? [stored.id] : []))
    for (const { stored, file, preview } of uploads)
      if (stored) this.sentFiles.set(stored.id, { name: file.name, size: file.size, preview })
    this.drafts.delete(chatId)
    this.#company.forgetTold(chatId)
    return this.#messenger.outbox.send(chatId, {
      ...(text !== '' && { text }),
      ...(fileIds.length > 0 && { attachmentFileIds: fileIds }),
      ...(replyTo && { replyToId: replyTo.id }),
      ...(mentions.length > 0 && { mentions }),
    })
  }

  /** Accepts a message request, and tells its sender what has been read of it. */
  async accept(chatId: string) {
    await this.chatActions.update(chatId, { accepted: true })
    const upToMessageId = this.messagesIn(chatId).at(-1)?.id
    if (upToMessageId) this.#messenger.realtime.ask({ type: 'markRead', chatId, upToMessageId }).catch(() => {})
  }

  typing(chatId: string) {
    const isHeard = chatId !== this.me?.id && (this.chat(chatId)?.group?.memberCount ?? 0) <= typingMembersMax
    if (this.connection !== 'live' || !isHeard || !this.#company.isTypingDue(chatId)) return
    this.#messenger.realtime.ask({ type: 'typing', chatId }).catch(() => {})
  }

  markRead(chatId: string) {
    const chat = this.chat(chatId)
    const upToMessageId = this.messagesIn(chatId).at(-1)?.id
    if (this.connection !== 'live' || !upToMessageId || !chat || (chat.unreadCount === 0 && !chat.markedUnread)) return
    // Once for each state of the chat: it may be marked as unread again, without a new message.
    if (this.#marked.get(chatId) === chat) return
    // In a group, where many write, every few seconds.
    if (isGroup(chatId) && !this.groups.isMarkDue(chatId)) return
    this.#marked.set(chatId, chat)
    this.#messenger.realtime.ask({ type: 'markRead', chatId, upToMessageId }).catch(() => this.#marked.delete(chatId))
  }

  /** For a message that the server refused for good: it stays in the outbox until the user has seen it. */
  discard({ message }: Pending) {
    return this.#store.discard(message.clientMessageId)
  }

  /** Links live for about an hour. If a fresh one fails, the link is not the cause, and there is no other. */
  async refreshLinks(message: Message) {
    const isFresh = (link: string | undefined) => link !== undefined && !hasExpired(link)
    if (message.attachments.every(({ fileId }) => isFresh(this.#links.get(fileId)))) return
    const fresh = await this.actions.fresh(message)
    for (const { fileId, url } of fresh?.attachments ?? []) this.#links.set(fileId, url)
    this.changed()
  }
}
