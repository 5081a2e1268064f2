import type { ApiClient } from '../typescript/client'
import { messenger } from '../typescript/messenger'
import type { ConnectionState, ServerFrame } from '../typescript/realtime'
import type { Attachment, Changes, Chat, Message, Session } from '../typescript/schema'
import { chatsOf, messagesOf } from '../typescript/state'
import { MemoryStore, type OutboxKeeper, type Pending } from '../typescript/store'
import { Actions } from './actions'
import { Company } from './company'
import { saidOfSignIn } from './device-names'
import { Observable } from './observable'
import { People } from './people'
import { toasts } from './toasts'
import type { Upload } from './upload'
import { uploadFile } from './upload-request'

const presenceAskedMs = 60_000
const sessionEnded = 4401
const tooManyConnections = 4409

interface Draft {
  text: string
  uploads: Upload[]
  replyTo: Message | undefined
}

/** Resolves on the event, or at once if there is nothing to wait for. */
const until = (isSo: () => boolean, event: string) =>
  new Promise<void>((resolve) => {
    if (isSo()) resolve()
    else addEventListener(event, () => resolve(), { once: true })
  })

/** The signed-in user of this window: what the screen shows, and what the user can do. */
export class Account extends Observable {
  connection: 'connecting' | 'live' = 'connecting'
  readonly drafts = new Map<string, string>()
  /** This device's own copies of the pictures that it sent, by file id. */
  readonly previews = new Map<string, string>()
  readonly people: People
  readonly actions: Actions
  readonly #client: ApiClient
  readonly #outbox: OutboxKeeper
  readonly #store: MemoryStore
  readonly #company = new Company()
  readonly #messenger: ReturnType<typeof messenger>
  readonly #marked = new Map<string, string>()
  readonly #links = new Map<string, string>()
  readonly #devicesSeen = new Set<string>()
  readonly #closing = new AbortController()

  constructor(client: ApiClient, outbox: OutboxKeeper) {
    super()
    this.#client = client
    this.#outbox = outbox
    this.#store = new MemoryStore(() => this.changed(), outbox)
    this.#messenger = messenger({
      client,
      origin: location.origin,
      store: this.#store,
      onState: (state) => this.#show(state),
      onFrame: (frame) => this.#take(frame),
    })
    this.people = new People(client, this.#store.state)
    this.actions = new Actions(client)
    for (const part of [this.people, this.#company]) part.subscribe(() => this.changed())
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

  signOut() {
    // Close first: otherwise the client would reconnect with a session that has ended.
    this.close()
    return this.#client.signOut()
  }

  #show(state: ConnectionState) {
    this.connection = state === 'live' ? 'live' : 'connecting'
    if (state === 'live') this.#askPresence()
    this.changed()
  }

  #take(frame: ServerFrame) {
    if (frame.type === 'typing') this.#company.types(frame.chatId)
    if (frame.type === 'delivered') this.#company.isDelivered(frame.chatId, frame.messageId)
    if (frame.type === 'presence') this.#company.isPresent(frame)
    if (frame.type !== 'changes') return
    this.#tellSignIns(frame.changes)
    for (const message of frame.changes.messages) if (message.status === null) this.#company.stopsTyping(message.chatId)
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

  unread() {
    return this.chats().reduce((sum, { unreadCount }) => sum + unreadCount, 0)
  }

  messagesIn(chatId: string): Message[] {
    return messagesOf(this.#store.state, chatId)
  }

  message(chatId: string, messageId: string): Message | undefined {
    return this.#store.state.messages.get(chatId)?.get(messageId)
  }

  pendingIn(chatId: string): Pending[] {
    return [...this.#store.outbox.values()].filter((pending) => pending.chatId === chatId)
  }

  isRequest(chatId: string) {
    return this.#store.state.chats.get(chatId)?.request ?? false
  }

  isTyping(chatId: string) {
    return this.#company.isTyping(chatId)
  }

  statusOf(message: Message) {
    return this.#company.statusOf(message)
  }

  presenceOf(chatId: string) {
    return this.#company.presenceOf(chatId)
  }

  linkOf({ fileId, url }: Attachment) {
    return this.previews.get(fileId) ?? this.#links.get(fileId) ?? url
  }

  // ---- Actions ----

  upload(file: File, onProgress: (share: number) => void, signal: AbortSignal) {
    return uploadFile(this.#client, { file, onProgress, signal })
  }

  send(chatId: string, { text, uploads, replyTo }: Draft) {
    const files = uploads.flatMap(({ stored, preview }) => (stored ? [{ id: stored.id, preview }] : []))
    for (const { id, preview } of files) this.previews.set(id, preview)
    this.drafts.delete(chatId)
    this.#company.forgetTold(chatId)
    return this.#messenger.outbox.send(chatId, {
      ...(text !== '' && { text }),
      ...(files.length > 0 && { attachmentFileIds: files.map(({ id }) => id) }),
      ...(replyTo && { replyToId: replyTo.id }),
    })
  }

  /** Accepts a message request, and tells its sender what has been read of it. */
  async accept(chatId: string) {
    await this.actions.accept(chatId)
    const upToMessageId = this.messagesIn(chatId).at(-1)?.id
    if (upToMessageId) this.#messenger.realtime.ask({ type: 'markRead', chatId, upToMessageId }).catch(() => {})
  }

  typing(chatId: string) {
    if (this.connection !== 'live' || chatId === this.me?.id || !this.#company.isTypingDue(chatId)) return
    this.#messenger.realtime.ask({ type: 'typing', chatId }).catch(() => {})
  }

  markRead(chatId: string) {
    const chat = this.#store.state.chats.get(chatId)
    const upToMessageId = this.messagesIn(chatId).at(-1)?.id
    if (this.connection !== 'live' || !upToMessageId || !chat || (chat.unreadCount === 0 && !chat.markedUnread)) return
    if (this.#marked.get(chatId) === upToMessageId) return
    this.#marked.set(chatId, upToMessageId)
    this.#messenger.realtime.ask({ type: 'markRead', chatId, upToMessageId }).catch(() => this.#marked.delete(chatId))
  }

  /** For a message that the server refused for good: it stays in the outbox until the user has seen it. */
  discard({ message }: Pending) {
    this.#store.outbox.delete(message.clientMessageId)
    this.#outbox.save([...this.#store.outbox.values()])
    this.changed()
  }

  /** Links live for about an hour. Refreshed once per picture: if it still fails, the link is not the cause. */
  async refreshLinks(message: Message) {
    if (message.attachments.every(({ fileId }) => this.#links.has(fileId))) return
    const fresh = await this.actions.fresh(message)
    for (const { fileId, url } of fresh?.attachments ?? []) this.#links.set(fileId, url)
    this.changed()
  }
}
