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
import type { FileMetadata } from '../src/core/file-metadata'
import { limits } from '../src/core/limits'
import { errorFields, log } from '../src/core/log'
import type { OwnProfile, Profile } from '../src/core/profile'
import type { ReportEvidence } from '../src/core/report-evidence'
import { readConfig } from '../src/settings/config'
import { signatures } from '../src/settings/signing'
import { done, type Outcome, refuse } from './durable/outcome'
import * as idleness from './mailbox/account/account-idle'
import * as exported from './mailbox/account/export'
import * as numberChange from './mailbox/account/number-change'
import { Duties } from './mailbox/alarm'
import * as conversation from './mailbox/chats/actions'
import * as settings from './mailbox/chats/chat-settings'
import * as pages from './mailbox/chats/message-pages'
import * as reactions from './mailbox/chats/reactions'
import * as evidence from './mailbox/chats/report-evidence'
import * as search from './mailbox/chats/search'
import * as blocking from './mailbox/contacts/blocking'
import * as contacts from './mailbox/contacts/contacts'
import type { Caller, CallerBox } from './mailbox/context'
import { Deliveries } from './mailbox/delivery/drains'
import { receive } from './mailbox/delivery/incoming'
import type { Delivery } from './mailbox/delivery/outgoing'
import * as feed from './mailbox/delivery/outgoing'
import * as files from './mailbox/files'
import * as lookups from './mailbox/limits/contact-lookup-quota'
import * as changes from './mailbox/realtime/changes'
import type { Seen, Signal, Watch } from './mailbox/realtime/presence'
import { Sockets } from './mailbox/realtime/sockets'
import * as sessions from './mailbox/sessions/sessions'
import * as tickets from './mailbox/sessions/tickets'
import { MailboxState } from './mailbox/store'
import * as meta from './mailbox/tables/key-values'

/**
 * One user's mailbox, named by the user id: a switchboard between calls and the modules in `mailbox/`. Only `signIn`
 * makes one; until then every other call finds nothing and leaves nothing.
 */
export class Mailbox extends DurableObject<Env> {
  readonly #state: MailboxState
  readonly #deliveries: Deliveries
  readonly #duties: Duties
  readonly #sockets: Sockets

  constructor(ctx: DurableObjectState, env: Env) {
    super(ctx, env)
    this.#state = new MailboxState(
      ctx,
      () => readConfig(this.env),
      () => this.#sockets.pump(),
    )
    this.#deliveries = new Deliveries(this.#state, (peerId, delivery) =>
      env.MAILBOX.getByName(peerId).receive(delivery),
    )
    this.#duties = new Duties(this.#state, this.#deliveries, env, (own) => this.setProfile(own))
    this.#sockets = new Sockets({
      ctx,
      box: () => (this.#state.isLive ? this.#state.box() : null),
      callerBox: (caller) => this.#state.callerBox(this.#state.box(), caller),
      send: (caller, chatId, input) => this.sendMessage(caller, chatId, input, null),
      markRead: (caller, chatId, upToMessageId) => this.markChatRead(caller, chatId, upToMessageId),
      isPresenceHidden: () => this.#isPresenceHidden,
      signal: (userId, signal) => env.MAILBOX.getByName(userId).signal(signal),
      watch: (userId, watch) => env.MAILBOX.getByName(userId).watch(watch),
    })
    ctx.blockConcurrencyWhile(async () => {
      await this.#state.load()
      // One whose alarm was cut off too often, and dropped for good, finds its work again when it wakes.
      if (!this.#state.isAlarmSet) this.#duties.wakeForRest()
    })
  }

  /**
   * Starts a session in the user's mailbox, making the mailbox if need be. Repeating it answers with the same session.
   * The mailbox of somebody who is gone is `user_not_found`, and so is one that was left unused: it is erased, unless a
   * refresh token of it shows that its owner is back.
   */
  signIn(
    input: Omit<sessions.SignIn, 'firstSecrets'>,
    own: OwnProfile,
    previous: sessions.PresentedToken | null = null,
  ): Outcome<sessions.IssuedToken> {
    if (this.#state.isGone || this.#endIfIdle(previous)) return refuse('user_not_found')
    this.#state.open()
    const firstSecrets = signatures(this.#state.config(), 'refresh-token', input.sessionId)
    const outcome = this.#state.write((box) => {
      numberChange.endOtherSessions(box, own)
      meta.saveProfile(box, own)
      return sessions.start(box, { ...input, firstSecrets }, this.#state.lifetimes)
    })
    if (outcome.ok) log('info', 'signed_in', { userId: this.#state.userId, sessionId: input.sessionId })
    return outcome
  }

  refresh(presented: sessions.PresentedToken, place: Place): Outcome<sessions.IssuedToken> {
    if (!this.#state.isLive) return refuse('refresh_token_invalid')
    return this.#state.write((box) => sessions.refresh(box, presented, place, this.#state.lifetimes))
  }

  /** The upgrade of a connection that the worker forwards. Objects have no other door, so nobody else can ask. */
  override fetch(request: Request): Response {
    this.#state.noteExpired()
    return this.#sockets.accept(request)
  }

  override webSocketMessage(ws: WebSocket, data: string | ArrayBuffer) {
    this.#state.noteExpired()
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

  /** What a peer's mailbox says for the moment. */
  signal(signal: Signal) {
    this.#sockets.signal(signal)
  }

  /** Whether the user is online, for a peer's mailbox, which is told when that changes. */
  watch(watch: Watch): Seen | null {
    return this.#sockets.watch(watch)
  }

  checkSession(caller: Caller): Outcome<null> {
    return this.#asCaller(caller, () => done(null))
  }

  listSessions(caller: Caller): Outcome<Session[]> {
    return this.#asCaller(caller, (box) => done(sessions.list(box)))
  }

  endSession(caller: Caller, sessionId: string): Outcome<null> {
    return this.#asCaller(caller, (box) => sessions.endOne(box, sessionId, this.#state.lifetimes))
  }

  endOtherSessions(caller: Caller): Outcome<null> {
    return this.#asCaller(caller, (box) =>
      sessions.endOthers(box, box.sessionId, { reason: 'ended_by_other_session', by: box.sessionId }),
    )
  }

  /** Ends the account. The answer makes it certain, and the alarm carries it out. */
  eraseAccount(caller: Caller): Outcome<null> {
    return this.#asCaller(caller, (box) => {
      this.#state.beginErasure(box, box.now)
      return done(null)
    })
  }

  #endIfIdle(previous: sessions.PresentedToken | null): boolean {
    if (!this.#state.isLive) return false
    const idleMs = this.#state.config().ACCOUNT_IDLE_SECONDS * 1000
    const { sql } = this.#state
    const since = idleness.idleSince(sql, idleMs, Date.now())
    if (since === null || (previous !== null && sessions.isLastToken(sql, previous))) return false
    this.#state.write((box) => this.#state.beginErasure(box, since))
    return true
  }

  sendMessage(
    caller: Caller,
    chatId: string,
    input: NewMessage,
    peer: Profile | null,
  ): Outcome<{ message: Message; created: boolean }> {
    return this.#inChat(caller, chatId, (box) => conversation.send(box, chatId, input, peer))
  }

  editMessage(caller: Caller, chatId: string, messageId: string, text: string): Outcome<Message> {
    return this.#inChat(caller, chatId, (box) => conversation.edit(box, chatId, messageId, text))
  }

  deleteMessage(caller: Caller, chatId: string, messageId: string, scope: 'me' | 'everyone'): Outcome<null> {
    const remove = scope === 'me' ? conversation.deleteForMe : conversation.deleteForEveryone
    return this.#inChat(caller, chatId, (box) => remove(box, chatId, messageId))
  }

  markChatRead(caller: Caller, chatId: string, upToMessageId: string): Outcome<Chat> {
    return this.#inChat(caller, chatId, (box) => conversation.markRead(box, chatId, upToMessageId))
  }

  getMessage(caller: Caller, chatId: string, messageId: string): Outcome<Message> {
    return this.#asCaller(caller, (box) => conversation.getMessage(box, chatId, messageId))
  }

  listMessages(caller: Caller, chatId: string, position: pages.Position, limit: number): Outcome<pages.MessagesPage> {
    return this.#asCaller(caller, (box) => pages.listMessages(box, chatId, position, limit))
  }

  searchMessages(caller: Caller, query: search.SearchQuery): Outcome<search.HitsPage> {
    return this.#asCaller(caller, (box) => search.search(box, query))
  }

  getChat(caller: Caller, chatId: string): Outcome<Chat> {
    return this.#asCaller(caller, (box) => conversation.getChat(box, chatId))
  }

  listChats(caller: Caller, after: string | null, limit: number): Outcome<pages.ChatsPage> {
    return this.#asCaller(caller, (box) => pages.listChats(box, after, limit))
  }

  updateChat(caller: Caller, chatId: string, changed: ChatSettings): Outcome<Chat> {
    return this.#asCaller(caller, (box) => settings.update(box, chatId, changed))
  }

  clearChat(caller: Caller, chatId: string): Outcome<null> {
    return this.#asCaller(caller, (box) => settings.clear(box, chatId))
  }

  addReaction(caller: Caller, chatId: string, messageId: string, emoji: string): Outcome<Message> {
    return this.#inChat(caller, chatId, (box) => reactions.add(box, chatId, messageId, emoji))
  }

  removeReaction(caller: Caller, chatId: string, messageId: string, emoji: string): Outcome<Message> {
    return this.#inChat(caller, chatId, (box) => reactions.remove(box, chatId, messageId, emoji))
  }

  /** The changes after a client's cursor, or a full copy. */
  listChanges(caller: Caller, from: Position | null, limit: number): Outcome<Changes> {
    return this.#asCaller(caller, (box) => done(changes.page(box, from, limit).changes))
  }

  /** Charges for looking numbers up (E.164). Those that were charged before are free. */
  chargeLookups(caller: Caller, phoneNumbers: string[]): Outcome<null> {
    const config = this.#state.config()
    const hashes = phoneNumbers.map((number) => signatures(config, 'lookup', `${this.#state.userId}.${number}`))
    return this.#asCaller(caller, (box) => lookups.charge(box, hashes))
  }

  /** Copies of messages of a chat, as the caller sees them now. */
  collectEvidence(caller: Caller, chatId: string, messageIds: string[]): Outcome<ReportEvidence[]> {
    return this.#asCaller(caller, (box) => evidence.collect(box, chatId, messageIds))
  }

  saveContact(caller: Caller, userId: string, name: string | null | undefined): Outcome<Contact> {
    return this.#asCaller(caller, (box) => contacts.save(box, userId, name))
  }

  removeContact(caller: Caller, userId: string): Outcome<null> {
    return this.#asCaller(caller, (box) => contacts.remove(box, userId))
  }

  listContacts(caller: Caller, after: string | null, limit: number): Outcome<contacts.ContactsPage> {
    return this.#asCaller(caller, (box) => contacts.list(box, after, limit))
  }

  blockUser(caller: Caller, userId: string): Outcome<Block> {
    const outcome = this.#asCaller(caller, (box) => blocking.block(box, userId))
    if (outcome.ok) this.#sockets.hideFrom(userId)
    return outcome
  }

  /**
   * Lifts a block. The peer's mailbox has to say how far it has got: what it could not deliver yet must not arrive
   * afterwards. While it cannot be reached the block stays.
   */
  async unblockUser(caller: Caller, userId: string): Promise<Outcome<null>> {
    const blocked = this.#asCaller(caller, (box) => done(box.blocks.isBlocked(userId)))
    if (!blocked.ok) return blocked
    if (!blocked.value) return done(null)
    const reach = await this.env.MAILBOX.getByName(userId)
      .reachFor(this.#state.userId)
      .catch((error) => log('warn', 'unblock_failed', errorFields(error)))
    if (!reach) return refuse('service_unavailable')
    return this.#inChat(caller, userId, (box) => blocking.unblock(box, userId, reach))
  }

  /** Up to where what this user did in the chat with a peer reaches, for the peer's mailbox. */
  reachFor(peerId: string): feed.Reach {
    return feed.reach(this.#state.isLive ? this.#state.chats.find(peerId) : undefined)
  }

  listBlocks(caller: Caller, after: string | null, limit: number): Outcome<blocking.BlocksPage> {
    return this.#asCaller(caller, (box) => blocking.list(box, after, limit))
  }

  getUnreadCount(caller: Caller): Outcome<UnreadCount> {
    return this.#asCaller(caller, conversation.unreadCount)
  }

  /** The next page of what the user takes along. */
  exportPage(caller: Caller, section: exported.Section, after: string | null): Outcome<exported.ExportPage> {
    return this.#asCaller(caller, (box) => exported.page(box, section, after))
  }

  /**
   * Announces that D1 is about to hold another profile, so that peers learn of it even if `setProfile` never comes, and
   * keeps the file that is to be its picture from being deleted.
   */
  expectProfile(caller: Caller, avatarFileId: string | null): Outcome<null> {
    return this.#asCaller(caller, (box) => {
      const claimed = avatarFileId === null ? done(null) : files.claimAvatar(box, avatarFileId)
      if (!claimed.ok) return claimed
      const due = box.now + limits.profileSyncMs
      meta.expectProfile(box.sql, due)
      box.wakeBy(due)
      return done(null)
    })
  }

  /** Announces that the caller is about to change the number: theirs is the session that will outlive it. */
  expectPhoneNumber(caller: Caller): Outcome<null> {
    return this.#asCaller(caller, (box) => {
      numberChange.expect(box)
      box.wakeBy(box.now + limits.profileSyncMs)
      return done(null)
    })
  }

  /** Takes over the profile that D1 holds, tells it to the peers and releases former pictures. */
  setProfile(own: OwnProfile): void {
    if (!this.#state.isLive || this.#state.isGone) return
    const wasHidden = this.#isPresenceHidden
    this.#state.write((box) => {
      numberChange.endOtherSessions(box, own)
      if (meta.saveProfile(box, own)) box.wakeBy(box.now)
      files.releaseAvatars(box, meta.ownProfile(box.sql)?.profile.avatarFileId ?? null)
    })
    if (this.#isPresenceHidden !== wasHidden) this.#sockets.tellWatchers()
  }

  reserveFile(caller: Caller, reservation: files.Reservation): Outcome<null> {
    return this.#asCaller(caller, (box) => files.reserve(box, reservation, this.#state.config().STORAGE_BYTES))
  }

  storeFile(caller: Caller, fileId: string, stored: files.Stored): Outcome<File> {
    return this.#asCaller(caller, (box) => files.store(box, fileId, stored))
  }

  releaseFile(caller: Caller, fileId: string): Outcome<null> {
    return this.#asCaller(caller, (box) => files.release(box, fileId))
  }

  removeFile(caller: Caller, fileId: string): Outcome<null> {
    return this.#asCaller(caller, (box) => files.remove(box, fileId))
  }

  listFiles(caller: Caller, before: string | null, limit: number): Outcome<files.FilesPage> {
    return this.#asCaller(caller, (box) => files.list(box, before, limit, this.#state.config().STORAGE_BYTES))
  }

  readFile(caller: Caller, fileId: string): Outcome<FileMetadata> {
    return this.#asCaller(caller, (box) => files.readable(box, fileId))
  }

  /** An own file's facts for anybody; only for what is shown as a profile picture. */
  describeFile(fileId: string): Outcome<FileMetadata> {
    return this.#state.isLive ? files.ownFacts(this.#state.box(), fileId) : refuse('file_not_found')
  }

  /** A delivery of a peer's mailbox. Null when this user has no mailbox yet; the peer tries again later. */
  receive(delivery: Delivery): feed.Receipt | null {
    if (this.#state.isGone) return { refused: [], gone: true }
    if (!this.#state.isLive) return null
    const receipt = this.#state.write((box) => receive(box, delivery))
    this.#deliver(delivery.from)
    return receipt
  }

  override async alarm() {
    await this.#duties.run()
  }

  get #isPresenceHidden(): boolean {
    return meta.ownProfile(this.#state.sql)?.own.presenceHidden ?? false
  }

  #asCaller<T>(caller: Caller, work: (box: CallerBox) => Outcome<T>): Outcome<T> {
    return this.#state.asCaller(caller, work)
  }

  /** Does the work, and then delivers what it left for the peer. The answer does not wait for that. */
  #inChat<T>(caller: Caller, chatId: string, work: (box: CallerBox) => Outcome<T>): Outcome<T> {
    const outcome = this.#asCaller(caller, work)
    if (outcome.ok) this.#deliver(chatId)
    return outcome
  }

  #deliver(peerId: string) {
    if (this.#deliveries.isPending(peerId)) this.ctx.waitUntil(this.#deliveries.start(peerId))
  }
}
