import { DurableObject } from 'cloudflare:workers'
import type { Block } from '../schemas/block'
import type { Changes } from '../schemas/changes'
import type { Chat, ChatSettings, UnreadCount } from '../schemas/chat'
import type { Contact } from '../schemas/contact'
import type { File } from '../schemas/file'
import type { Message, NewMessage } from '../schemas/message'
import type { Session } from '../schemas/session'
import type { Position } from '../src/core/cursors'
import type { Place } from '../src/core/edge'
import { events } from '../src/core/events'
import type { FileMetadata } from '../src/core/file-metadata'
import { type JsonText, jsonText } from '../src/core/json-text'
import type { OwnProfile, Profile } from '../src/core/profile'
import type { ReportEvidence } from '../src/core/report-evidence'
import { readConfig } from '../src/settings/config'
import { sessionHash, signatures } from '../src/settings/signing'
import type { AlarmJob } from './durable/alarm-schedule'
import { done, type Outcome, refuse } from './durable/outcome'
import { idleSince } from './mailbox/account/account-idle'
import { type ExportPage, type ExportSection, exportPage } from './mailbox/account/export'
import * as profile from './mailbox/account/profile'
import { alarmJobs } from './mailbox/alarm'
import * as chats from './mailbox/chats/actions'
import { type ChatsPage, listChats } from './mailbox/chats/chat-pages'
import { clearChat, updateChat } from './mailbox/chats/chat-settings'
import { listMessages, type MessagesPage, type PageAnchor } from './mailbox/chats/message-pages'
import { addReaction, removeReaction } from './mailbox/chats/reactions'
import { collectEvidence } from './mailbox/chats/report-evidence'
import { type HitsPage, type SearchQuery, searchMessages } from './mailbox/chats/search'
import { sendMessage } from './mailbox/chats/send-message'
import { type BlocksPage, blockUser, listBlocks, unblockUser } from './mailbox/contacts/blocking'
import { type ContactsPage, listContacts, removeContact, saveContact } from './mailbox/contacts/contacts'
import type { Caller, CallerContext } from './mailbox/context'
import { Drains } from './mailbox/delivery/drains'
import { receiveDelivery } from './mailbox/delivery/incoming'
import { feedPosition } from './mailbox/delivery/outgoing'
import type { Delivery, DeliveryResult, FeedPosition } from './mailbox/delivery/shapes'
import { avatarMetadata } from './mailbox/files/avatars'
import { readableFile } from './mailbox/files/grants'
import { type FilesPage, listFiles, removeFile } from './mailbox/files/stored-files'
import { type Measured, type Reservation, releaseFile, reserveFile, storeFile } from './mailbox/files/uploads'
import { chargeLookups } from './mailbox/limits/contact-lookup-quota'
import { changesPage } from './mailbox/realtime/changes'
import type { PresenceState, PresenceSubscription, Signal } from './mailbox/realtime/presence'
import { Sockets } from './mailbox/realtime/sockets'
import * as sessions from './mailbox/sessions/sessions'
import * as tickets from './mailbox/sessions/tickets'
import { MailboxStore } from './mailbox/store'

/** A message that was sent, as JSON, and whether this call created it. */
interface SentText {
  message: JsonText<Message>
  created: boolean
}

/**
 * One user's mailbox, named by the user id: the RPC surface of the modules in `mailbox/`. Only `signIn` and
 * the first delivery create a mailbox; until then, every other call finds nothing and leaves nothing behind.
 */
export class Mailbox extends DurableObject<Env> {
  readonly #store: MailboxStore
  readonly #drains: Drains
  readonly #jobs: readonly AlarmJob[]
  readonly #sockets: Sockets

  constructor(ctx: DurableObjectState, env: Env) {
    super(ctx, env)
    this.#store = new MailboxStore(ctx, {
      config: () => readConfig(this.env),
      jobs: () => this.#jobs,
      committed: () => this.#sockets.pump(),
    })
    const store = this.#store
    this.#drains = new Drains(
      ctx,
      store,
      {
        deliver: (peerId, delivery) => env.MAILBOX.getByName(peerId).receive(delivery),
        probe: (peerId) => env.MAILBOX.getByName(peerId).feedPositionFor(store.userId),
      },
      (peerId, messageId) => this.#sockets.tellDelivered(peerId, messageId),
    )
    const drains = this.#drains
    this.#jobs = alarmJobs({ store, drains, env, setProfile: (own) => this.setProfile(own) })
    this.#sockets = new Sockets({
      ctx,
      store,
      drains,
      peers: {
        signal: (userId, signal) => env.MAILBOX.getByName(userId).signal(signal),
        subscribe: (userId, subscription) => env.MAILBOX.getByName(userId).subscribeToPresence(subscription),
      },
    })
    ctx.blockConcurrencyWhile(async () => {
      await store.load()
      // The platform permanently drops an alarm that was interrupted too often: its work is found again when the
      // mailbox wakes.
      store.alarm.arm()
    })
  }

  /**
   * Starts a session in the user's mailbox, creating the mailbox if necessary. Repeating the call returns the same
   * session. Refuses with `user_not_found` if the user is gone, or if the account was idle too long: that mailbox is
   * erased, unless one of its refresh tokens shows that its owner is back.
   */
  signIn(
    input: Omit<sessions.SignIn, 'firstSecrets'>,
    own: OwnProfile,
    previous: sessions.PresentedToken | null = null,
  ): Outcome<sessions.IssuedToken> {
    const store = this.#store
    if (store.isGone || this.#endIfIdle(previous)) return refuse('user_not_found')
    store.open()
    // The second form is that of sessions begun before the first took the chain key.
    const firstSecrets = (chainKey: string) =>
      [`${input.sessionId}.${chainKey}`, input.sessionId].flatMap((text) =>
        signatures(store.config(), 'refresh-token', text),
      )
    const outcome = store.write((context) => {
      profile.signedInWith(context, own)
      return sessions.start(context, { ...input, firstSecrets }, store.lifetimes)
    })
    if (outcome.ok) events.signedIn({ userId: store.userId, session: sessionHash(store.config(), input.sessionId) })
    return outcome
  }

  refresh(presented: sessions.PresentedToken, place: Place): Outcome<sessions.IssuedToken> {
    if (!this.#store.isLive) return refuse('refresh_token_invalid')
    return this.#store.write((context) => sessions.refresh(context, presented, place, this.#store.lifetimes))
  }

  /**
   * Accepts the upgrade of a connection that the worker forwards. An object is reachable only through the worker, so
   * nobody else can call this.
   */
  override fetch(request: Request): Response {
    this.#store.endExpiredSessions()
    return this.#sockets.accept(request)
  }

  override webSocketMessage(ws: WebSocket, data: string | ArrayBuffer) {
    this.#store.endExpiredSessions()
    this.#sockets.message(ws, data)
  }

  override webSocketClose(ws: WebSocket, code: number) {
    this.#sockets.closed(ws, code)
  }

  override webSocketError(ws: WebSocket) {
    this.#sockets.closed(ws)
  }

  createTicket(caller: Caller): Outcome<tickets.IssuedTicket> {
    return this.#asCaller(caller, tickets.issue)
  }

  /** Takes a transient signal from a peer's mailbox. */
  signal(signal: Signal) {
    this.#sockets.signal(signal)
  }

  /** Tells a peer's mailbox whether the user is online, and again whenever that changes. */
  subscribeToPresence(subscription: PresenceSubscription): PresenceState | null {
    return this.#sockets.subscribe(subscription)
  }

  checkSession(caller: Caller): Outcome<null> {
    return this.#read(caller, () => done(null))
  }

  listSessions(caller: Caller): Outcome<Session[]> {
    return this.#read(caller, (context) => done(sessions.list(context)))
  }

  endSession(caller: Caller, sessionId: string): Outcome<null> {
    return this.#asCaller(caller, (context) => sessions.endOne(context, sessionId, this.#store.lifetimes))
  }

  endOtherSessions(caller: Caller): Outcome<null> {
    return this.#asCaller(caller, (context) =>
      sessions.endOthers(context, context.sessionId, { reason: 'ended_by_other_session', by: context.sessionId }),
    )
  }

  /**
   * Ends the account. Once this returns, the erasure is certain; the alarm carries it out. Idempotent: succeeds if the
   * account has been erased, or is about to be.
   */
  eraseAccount(caller: Caller): Outcome<null> {
    if (this.#store.isGone) return done(null)
    return this.#asCaller(caller, (context) => {
      this.#store.beginErasure(context, context.now)
      return done(null)
    })
  }

  #endIfIdle(previous: sessions.PresentedToken | null): boolean {
    if (!this.#store.isLive) return false
    const idleMs = this.#store.config().ACCOUNT_IDLE_SECONDS * 1000
    const { sql, sessions: known } = this.#store
    const since = idleSince(sql, idleMs, Date.now())
    if (since === null || (previous !== null && sessions.isLastToken(known, previous, this.#store.lifetimes)))
      return false
    this.#store.write((context) => this.#store.beginErasure(context, since))
    return true
  }

  sendMessage(caller: Caller, chatId: string, input: NewMessage, peer: Profile | null): Outcome<SentText> {
    const sent = this.#inChat(caller, chatId, (context) => sendMessage(context, chatId, input, peer))
    return sent.ok ? done({ message: jsonText(sent.value.message), created: sent.value.created }) : sent
  }

  editMessage(caller: Caller, chatId: string, messageId: string, text: string): Outcome<Message> {
    return this.#inChat(caller, chatId, (context) => chats.editMessage(context, chatId, messageId, text))
  }

  deleteMessage(caller: Caller, chatId: string, messageId: string, scope: 'me' | 'everyone'): Outcome<null> {
    const remove = scope === 'me' ? chats.deleteForMe : chats.deleteForEveryone
    return this.#inChat(caller, chatId, (context) => remove(context, chatId, messageId))
  }

  markChatRead(caller: Caller, chatId: string, upToMessageId: string): Outcome<Chat> {
    return this.#inChat(caller, chatId, (context) => chats.markRead(context, chatId, upToMessageId))
  }

  getMessage(caller: Caller, chatId: string, messageId: string): Outcome<Message> {
    return this.#read(caller, (context) => chats.getMessage(context, chatId, messageId))
  }

  listMessages(caller: Caller, chatId: string, anchor: PageAnchor, limit: number): Outcome<MessagesPage> {
    return this.#read(caller, (context) => listMessages(context, chatId, anchor, limit))
  }

  searchMessages(caller: Caller, query: SearchQuery): Outcome<HitsPage> {
    return this.#asCaller(caller, (context) => searchMessages(context, query))
  }

  getChat(caller: Caller, chatId: string): Outcome<Chat> {
    return this.#read(caller, (context) => chats.getChat(context, chatId))
  }

  /** Returns the profiles of those among these users with whom the caller has a chat, as their mailboxes last sent them. */
  findPeers(caller: Caller, userIds: string[]): Outcome<Profile[]> {
    return this.#read(caller, (context) => done(chats.findPeers(context, userIds)))
  }

  /** Returns the peer whose profile, as their mailbox last sent it, has this username, regardless of case. */
  findPeerByUsername(caller: Caller, username: string): Outcome<Profile | null> {
    return this.#read(caller, (context) => done(chats.findPeerByUsername(context, username)))
  }

  listChats(caller: Caller, after: string | null, limit: number): Outcome<ChatsPage> {
    return this.#read(caller, (context) => listChats(context, after, limit))
  }

  updateChat(caller: Caller, chatId: string, changed: ChatSettings): Outcome<Chat> {
    return this.#inChat(caller, chatId, (context) => updateChat(context, chatId, changed))
  }

  clearChat(caller: Caller, chatId: string): Outcome<null> {
    return this.#asCaller(caller, (context) => clearChat(context, chatId))
  }

  addReaction(caller: Caller, chatId: string, messageId: string, emoji: string): Outcome<Message> {
    return this.#inChat(caller, chatId, (context) => addReaction(context, chatId, messageId, emoji))
  }

  removeReaction(caller: Caller, chatId: string, messageId: string, emoji: string): Outcome<Message> {
    return this.#inChat(caller, chatId, (context) => removeReaction(context, chatId, messageId, emoji))
  }

  /** Returns the changes after a client's cursor, or a full copy. */
  listChanges(caller: Caller, from: Position | null, limit: number): Outcome<JsonText<Changes>> {
    return this.#read(caller, (context) => done(changesPage(context, from, limit).text))
  }

  /** Charges for looking up phone numbers (E.164). Numbers that were charged before are free. */
  chargeLookups(caller: Caller, phoneNumbers: string[]): Outcome<null> {
    const config = this.#store.config()
    const hashes = phoneNumbers.map((number) => signatures(config, 'lookup', `${this.#store.userId}.${number}`))
    return this.#asCaller(caller, (context) => chargeLookups(context, hashes))
  }

  /** Returns copies of messages in a chat, as the caller sees them now. */
  collectEvidence(caller: Caller, chatId: string, messageIds: string[]): Outcome<ReportEvidence[]> {
    return this.#read(caller, (context) => collectEvidence(context, chatId, messageIds))
  }

  saveContact(caller: Caller, userId: string, name: string | null | undefined): Outcome<Contact> {
    return this.#changeContact(caller, userId, (context) => saveContact(context, userId, name))
  }

  removeContact(caller: Caller, userId: string): Outcome<null> {
    return this.#changeContact(caller, userId, (context) => removeContact(context, userId))
  }

  listContacts(caller: Caller, after: string | null, limit: number): Outcome<ContactsPage> {
    return this.#read(caller, (context) => listContacts(context, after, limit))
  }

  blockUser(caller: Caller, userId: string): Outcome<Block> {
    const outcome = this.#asCaller(caller, (context) => blockUser(context, userId))
    if (outcome.ok) this.#sockets.hideFrom(userId)
    return outcome
  }

  /**
   * Lifts a block. The peer's mailbox must report the position of its feeds, because what it has not delivered yet must
   * never arrive. While the peer's mailbox is unreachable, the block stays.
   */
  async unblockUser(caller: Caller, userId: string): Promise<Outcome<null>> {
    const blocked = this.#read(caller, (context) => done(context.blocks.find(userId)))
    if (!blocked.ok) return blocked
    const block = blocked.value
    if (!block?.blocked) return done(null)
    const position = await this.env.MAILBOX.getByName(userId)
      .feedPositionFor(this.#store.userId)
      .catch((error) => events.unblockFailed({ error }))
    if (!position) return refuse('service_unavailable')
    return this.#inChat(caller, userId, (context) => unblockUser(context, block, position))
  }

  /** Returns how far this user's feeds in the chat with a peer reach, for the peer's mailbox. It creates no mailbox. */
  feedPositionFor(peerId: string): FeedPosition {
    return feedPosition(this.#store.isLive ? this.#store.chats.find(peerId) : undefined)
  }

  listBlocks(caller: Caller, after: string | null, limit: number): Outcome<BlocksPage> {
    return this.#read(caller, (context) => listBlocks(context, after, limit))
  }

  getUnreadCount(caller: Caller): Outcome<UnreadCount> {
    return this.#read(caller, chats.countUnread)
  }

  /** Returns the next page of the user's export. */
  exportPage(caller: Caller, section: ExportSection, after: string | null): Outcome<ExportPage> {
    return this.#read(caller, (context) => exportPage(context, section, after))
  }

  /**
   * Announces that the profile in D1 is about to change, so that peers learn of it even if `setProfile` is never
   * called, and protects the file that is to become its picture from deletion.
   */
  expectProfile(caller: Caller, avatarFileId: string | null): Outcome<null> {
    return this.#asCaller(caller, (context) => profile.expectProfile(context, avatarFileId))
  }

  /**
   * Announces that the caller is about to change the phone number. The caller's session is the one that survives the
   * change.
   */
  expectPhoneNumber(caller: Caller): Outcome<null> {
    return this.#asCaller(caller, profile.expectPhoneNumber)
  }

  /** Stores the profile that D1 holds, passes it on to the peers, and releases former pictures. */
  setProfile(own: OwnProfile): void {
    const store = this.#store
    if (!store.isLive || store.isGone) return
    const before = store.profile.audience('presenceAudience')
    store.write((context) => profile.setProfile(context, own))
    if (store.profile.audience('presenceAudience') !== before) this.#sockets.tellSubscribers()
  }

  reserveFile(caller: Caller, reservation: Reservation): Outcome<null> {
    return this.#asCaller(caller, (context) => reserveFile(context, reservation, this.#store.config().STORAGE_BYTES))
  }

  storeFile(caller: Caller, fileId: string, measured: Measured): Outcome<File> {
    return this.#asCaller(caller, (context) => storeFile(context, fileId, measured))
  }

  releaseFile(caller: Caller, fileId: string): Outcome<null> {
    return this.#asCaller(caller, (context) => releaseFile(context, fileId))
  }

  removeFile(caller: Caller, fileId: string): Outcome<boolean> {
    return this.#asCaller(caller, (context) => removeFile(context, fileId))
  }

  listFiles(caller: Caller, before: string | null, limit: number): Outcome<FilesPage> {
    return this.#read(caller, (context) => listFiles(context, before, limit, this.#store.config().STORAGE_BYTES))
  }

  readFile(caller: Caller, fileId: string): Outcome<FileMetadata> {
    return this.#read(caller, (context) => readableFile(context, fileId))
  }

  /** Returns the metadata of a file that the user may read, for whoever has a signed link that was made for them. */
  readLinkedFile(fileId: string): Outcome<FileMetadata> {
    const { isLive, isGone } = this.#store
    return isLive && !isGone ? readableFile(this.#store.context(), fileId) : refuse('file_not_found')
  }

  /** Returns the metadata of the profile picture, for anyone. */
  describeFile(fileId: string): Outcome<FileMetadata> {
    return this.#store.isLive ? avatarMetadata(this.#store, fileId) : refuse('file_not_found')
  }

  /**
   * Takes a delivery from a peer's mailbox. If the user's first sign-in was interrupted before it created their mailbox,
   * the delivery creates it: the peer found the user in D1.
   */
  receive(delivery: Delivery): DeliveryResult {
    if (this.#store.isGone) return { refused: [], gone: true }
    this.#store.open()
    const result = this.#store.write((context) => receiveDelivery(context, delivery))
    this.#drains.startPending(delivery.from)
    return result
  }

  override async alarm() {
    await this.#store.alarm.ring()
  }

  /** Contacts may know what others may not. */
  #changeContact<T>(caller: Caller, userId: string, work: (context: CallerContext) => Outcome<T>): Outcome<T> {
    const outcome = this.#inChat(caller, userId, work)
    if (outcome.ok && this.#store.profile.audience('presenceAudience') === 'contacts')
      this.#sockets.tellSubscribers(userId)
    return outcome
  }

  #asCaller<T>(caller: Caller, work: (context: CallerContext) => Outcome<T>): Outcome<T> {
    return this.#store.asCaller(caller, work)
  }

  #read<T>(caller: Caller, work: (context: CallerContext) => Outcome<T>): Outcome<T> {
    return this.#store.readAsCaller(caller, work)
  }

  /** Does the work, then delivers what it left for the peer. The result does not wait for the delivery. */
  #inChat<T>(caller: Caller, chatId: string, work: (context: CallerContext) => Outcome<T>): Outcome<T> {
    return this.#drains.afterWrite(chatId, this.#asCaller(caller, work))
  }
}
