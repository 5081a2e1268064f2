import { DurableObject } from 'cloudflare:workers'
import * as fileObjects from '../repositories/files'
import * as users from '../repositories/users'
import type { Block } from '../schemas/block'
import type { Changes } from '../schemas/changes'
import type { Chat, ChatSettings, UnreadCount } from '../schemas/chat'
import type { Contact } from '../schemas/contact'
import type { File } from '../schemas/file'
import type { Message, NewMessage } from '../schemas/message'
import type { Place, Session } from '../schemas/session'
import { keysOfNumber } from '../src/auth/send-keys'
import { readConfig } from '../src/config'
import type { Position } from '../src/cursors'
import type { Evidence } from '../src/evidence'
import type { FileFacts } from '../src/file-facts'
import { fileLinks } from '../src/file-links'
import { signatures } from '../src/keys'
import { limits } from '../src/limits'
import { errorFields, log } from '../src/log'
import type { OwnProfile, Profile } from '../src/profile'
import * as blocking from './mailbox/blocking'
import { Blocks } from './mailbox/blocks'
import type { Box, CallerBox } from './mailbox/box'
import { budgetsOf } from './mailbox/budgets'
import * as changes from './mailbox/changes'
import { type ChatRow, Chats } from './mailbox/chats'
import * as contacts from './mailbox/contacts'
import * as conversation from './mailbox/conversation'
import { Deliveries } from './mailbox/deliveries'
import * as erasure from './mailbox/erasure'
import * as evidence from './mailbox/evidence'
import { Expiry } from './mailbox/expiry'
import * as exported from './mailbox/export'
import type { Delivery } from './mailbox/feed'
import * as feed from './mailbox/feed'
import * as files from './mailbox/files'
import * as idleness from './mailbox/idleness'
import * as lookups from './mailbox/lookups'
import * as meta from './mailbox/meta'
import { exists, migrate } from './mailbox/migrations'
import * as numberChange from './mailbox/number-change'
import { done, type Outcome, refuse } from './mailbox/outcome'
import * as pages from './mailbox/pages'
import type { Seen, Signal, Watch } from './mailbox/presence'
import * as reactions from './mailbox/reactions'
import { receive } from './mailbox/receive'
import * as search from './mailbox/search'
import { Sends } from './mailbox/sends'
import { Sequence } from './mailbox/sequence'
import type { Ending, SessionLifetimes } from './mailbox/session-rows'
import * as sessions from './mailbox/sessions'
import * as settings from './mailbox/settings'
import { Sockets } from './mailbox/sockets'
import * as tickets from './mailbox/tickets'

/** On whose behalf a call is made: the session it is refused without, and the origin that links in the answer begin with. */
export interface Caller {
  sessionId: string
  origin: string
}

/**
 * One user's mailbox, named by the user id: a switchboard between calls and the modules in `mailbox/`. Only `signIn`
 * makes one; until then every other call finds nothing and leaves nothing.
 */
export class Mailbox extends DurableObject<Env> {
  readonly #sequence: Sequence
  readonly #chats: Chats
  readonly #blocks: Blocks
  readonly #sends: Sends
  readonly #deliveries: Deliveries
  readonly #sockets: Sockets
  readonly #expiry = new Expiry()
  readonly #userId: string
  #alarmAt: number | null = null
  #endings: (Ending & { sessionId: string })[] = []
  #live = false
  #erasure: erasure.Erasure | null = null
  #erased = false

  constructor(ctx: DurableObjectState, env: Env) {
    super(ctx, env)
    this.#userId = ctx.id.name ?? ''
    this.#sequence = new Sequence(ctx.storage.sql, () => [...this.#chats.all(), ...this.#blocks.all()])
    this.#chats = new Chats(ctx.storage.sql, this.#sequence)
    this.#blocks = new Blocks(ctx.storage.sql, this.#sequence)
    this.#sends = new Sends(ctx.storage.sql, this.#chats)
    this.#deliveries = new Deliveries({
      collect: (peerId) => this.#collect(peerId),
      call: (peerId, delivery) => env.MAILBOX.getByName(peerId).receive(delivery),
      confirm: (peerId, batch, receipt) => this.#settle((box) => feed.confirm(box, peerId, batch, receipt)),
      fail: (peerId, error) => {
        log('warn', 'delivery_failed', errorFields(error))
        this.#settle((box) => feed.fail(box, peerId))
      },
    })
    this.#sockets = new Sockets({
      ctx,
      box: () => (this.#live ? this.#box() : null),
      callerBox: (caller) => this.#callerBox(this.#box(), caller),
      send: (caller, chatId, input) => this.sendMessage(caller, chatId, input, null),
      markRead: (caller, chatId, upToMessageId) => this.markChatRead(caller, chatId, upToMessageId),
      isPresenceHidden: () => this.#isPresenceHidden,
      signal: (userId, signal) => env.MAILBOX.getByName(userId).signal(signal),
      watch: (userId, watch) => env.MAILBOX.getByName(userId).watch(watch),
    })
    ctx.blockConcurrencyWhile(async () => {
      this.#live = exists(ctx.storage.sql)
      this.#erased = erasure.isErased(ctx.storage.sql)
      if (!this.#live) return
      migrate(ctx.storage, Date.now())
      this.#erasure = erasure.find(ctx.storage.sql)
      this.#alarmAt = await ctx.storage.getAlarm()
      // One whose alarm was cut off too often, and dropped for good, finds its work again when it wakes.
      if (this.#alarmAt === null) this.#wakeForRest()
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
    if (this.#isGone || this.#endIfIdle(previous)) return refuse('user_not_found')
    if (!this.#live) migrate(this.ctx.storage, Date.now())
    this.#live = true
    const firstSecrets = signatures(readConfig(this.env), 'refresh-token', input.sessionId)
    const outcome = this.#write((box) => {
      numberChange.endOtherSessions(box, own)
      meta.saveProfile(box, own)
      return sessions.start(box, { ...input, firstSecrets }, this.#lifetimes)
    })
    if (outcome.ok) this.#logSession('signed_in', input.sessionId)
    return outcome
  }

  refresh(presented: sessions.PresentedToken, place: Place): Outcome<sessions.IssuedToken> {
    if (!this.#live) return refuse('refresh_token_invalid')
    return this.#write((box) => sessions.refresh(box, presented, place, this.#lifetimes))
  }

  /** The upgrade of a connection that the worker forwards. Objects have no other door, so nobody else can ask. */
  override fetch(request: Request): Response {
    this.#noteExpired()
    return this.#sockets.accept(request)
  }

  override webSocketMessage(ws: WebSocket, data: string | ArrayBuffer) {
    this.#noteExpired()
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
    return this.#asCaller(caller, (box) => sessions.endOne(box, sessionId, this.#lifetimes))
  }

  endOtherSessions(caller: Caller): Outcome<null> {
    return this.#asCaller(caller, (box) =>
      sessions.endOthers(box, box.sessionId, { reason: 'ended_by_other_session', by: box.sessionId }),
    )
  }

  /** Ends the account. The answer makes it certain, and the alarm carries it out. */
  eraseAccount(caller: Caller): Outcome<null> {
    return this.#asCaller(caller, (box) => {
      this.#erasure = erasure.begin(box, box.now)
      return done(null)
    })
  }

  #endIfIdle(previous: sessions.PresentedToken | null): boolean {
    if (!this.#live) return false
    const idleMs = readConfig(this.env).ACCOUNT_IDLE_SECONDS * 1000
    const { sql } = this.ctx.storage
    const since = idleness.idleSince(sql, idleMs, Date.now())
    if (since === null || (previous !== null && sessions.isLastToken(sql, previous))) return false
    this.#write((box) => {
      this.#erasure = erasure.begin(box, since)
    })
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
    const config = readConfig(this.env)
    const hashes = phoneNumbers.map((number) => signatures(config, 'lookup', `${this.#userId}.${number}`))
    return this.#asCaller(caller, (box) => lookups.charge(box, hashes))
  }

  /** Copies of messages of a chat, as the caller sees them now. */
  collectEvidence(caller: Caller, chatId: string, messageIds: string[]): Outcome<Evidence[]> {
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
      .reachFor(this.#userId)
      .catch((error) => log('warn', 'unblock_failed', errorFields(error)))
    if (!reach) return refuse('service_unavailable')
    return this.#inChat(caller, userId, (box) => blocking.unblock(box, userId, reach))
  }

  /** Up to where what this user did in the chat with a peer reaches, for the peer's mailbox. */
  reachFor(peerId: string): feed.Reach {
    return feed.reach(this.#live ? this.#chats.find(peerId) : undefined)
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
    if (!this.#live || this.#isGone) return
    const wasHidden = this.#isPresenceHidden
    this.#write((box) => {
      numberChange.endOtherSessions(box, own)
      if (meta.saveProfile(box, own)) box.wakeBy(box.now)
      files.releaseAvatars(box, meta.ownProfile(box.sql)?.profile.avatarFileId ?? null)
    })
    if (this.#isPresenceHidden !== wasHidden) this.#sockets.tellWatchers()
  }

  reserveFile(caller: Caller, reservation: files.Reservation): Outcome<null> {
    return this.#asCaller(caller, (box) => files.reserve(box, reservation, readConfig(this.env).STORAGE_BYTES))
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
    return this.#asCaller(caller, (box) => files.list(box, before, limit, readConfig(this.env).STORAGE_BYTES))
  }

  readFile(caller: Caller, fileId: string): Outcome<FileFacts> {
    return this.#asCaller(caller, (box) => files.readable(box, fileId))
  }

  /** An own file's facts for anybody; only for what is shown as a profile picture. */
  describeFile(fileId: string): Outcome<FileFacts> {
    return this.#live ? files.ownFacts(this.#box(), fileId) : refuse('file_not_found')
  }

  /** A delivery of a peer's mailbox. Null when this user has no mailbox yet; the peer tries again later. */
  receive(delivery: Delivery): feed.Receipt | null {
    if (this.#isGone) return { refused: [], gone: true }
    if (!this.#live) return null
    const receipt = this.#write((box) => receive(box, delivery))
    this.#deliver(delivery.from)
    return receipt
  }

  override async alarm() {
    this.#alarmAt = null
    try {
      if (this.#erasure) await this.#erase(this.#erasure)
      else await this.#doWhatIsDue()
    } catch (error) {
      // An alarm that throws is retried a few times and then dropped for good; this one comes back for ever.
      log('error', 'alarm_failed', errorFields(error))
      this.#wakeBy(Date.now() + limits.deliveryAlarmMs)
    }
    this.#wakeForRest()
  }

  async #doWhatIsDue() {
    if (!this.#live) return
    await this.#syncProfile()
    await this.#deliverDue()
    await this.#removeFiles()
    this.#write(search.continueClearing)
  }

  /** The next steps of an erasure. Each may be repeated, and the last is taken when none of the others is left. */
  async #erase(begun: erasure.Erasure) {
    if (!begun.recordRemoved) {
      const { phoneNumber } = meta.ownProfile(this.ctx.storage.sql)?.own ?? { phoneNumber: '' }
      const numberKeys = keysOfNumber(readConfig(this.env), phoneNumber)
      const until = begun.lastUsedAt
      await users.erase(this.env.DB, { userId: this.#userId, phoneNumber, numberKeys, until })
      this.#erasure = this.#write((box) => erasure.recordRemoved(box, begun))
    }
    await this.#deliverDue()
    this.#write((box) => erasure.giveUpPeers(box, begun))
    await this.#removeFiles()
    if (this.#pending().length > 0 || files.due(this.ctx.storage.sql) !== null) return
    await this.#bury()
  }

  async #bury() {
    const buried = erasure.bury(this.ctx.storage, Date.now())
    this.#live = false
    this.#erased = true
    this.#erasure = null
    this.#forget()
    await buried
  }

  /** Whether the owner has left for good. */
  get #isGone(): boolean {
    return this.#erased || this.#erasure !== null
  }

  get #lifetimes(): SessionLifetimes {
    const config = readConfig(this.env)
    return { idleMs: config.REFRESH_IDLE_SECONDS * 1000, absoluteMs: config.REFRESH_ABSOLUTE_SECONDS * 1000 }
  }

  get #isPresenceHidden(): boolean {
    return meta.ownProfile(this.ctx.storage.sql)?.own.presenceHidden ?? false
  }

  #logSession(event: string, sessionId: string, fields: Partial<Ending> = {}) {
    log('info', event, { userId: this.#userId, sessionId, ...fields })
  }

  #box(): Box {
    return {
      userId: this.#userId,
      sql: this.ctx.storage.sql,
      sequence: this.#sequence,
      chats: this.#chats,
      blocks: this.#blocks,
      budgets: budgetsOf(readConfig(this.env)),
      sends: this.#sends,
      now: Date.now(),
      wakeBy: (time) => this.#wakeBy(time),
      sessionEnded: (sessionId, ending) => this.#endings.push({ sessionId, ...ending }),
    }
  }

  /** One synchronous block: all of it is kept, or none. What it changed goes to the sockets. */
  #write<T>(work: (box: Box) => T): T {
    const result = this.#transact(work)
    for (const { sessionId, ...ending } of this.#endings.splice(0)) this.#logSession('session_ended', sessionId, ending)
    this.#sockets.pump()
    return result
  }

  #transact<T>(work: (box: Box) => T): T {
    try {
      return this.ctx.storage.transactionSync(() => {
        const box = this.#box()
        this.#expiry.settle(box, this.#lifetimes)
        return work(box)
      })
    } catch (error) {
      this.#forget()
      if (this.#live) this.#erasure = erasure.find(this.ctx.storage.sql)
      throw error
    }
  }

  /** Drops what is in memory; for after a transaction that was rolled back. */
  #forget() {
    this.#sequence.forget()
    this.#chats.forget()
    this.#blocks.forget()
    this.#sends.forget()
    this.#expiry.forget()
    this.#endings = []
    this.#alarmAt = null
  }

  /** As every write does, for what a socket is sent without one. */
  #noteExpired() {
    if (this.#live && this.#expiry.isDue(Date.now())) this.#write(() => {})
  }

  /** Does the work if the caller's session lives, in the same block. */
  #asCaller<T>(caller: Caller, work: (box: CallerBox) => Outcome<T>): Outcome<T> {
    if (!this.#live) return refuse('session_ended')
    return this.#write((box) => {
      const callerBox = this.#callerBox(box, caller)
      return callerBox ? work(callerBox) : refuse('session_ended')
    })
  }

  /** Null when the caller's session is over. */
  #callerBox(box: Box, { sessionId, origin }: Caller): CallerBox | null {
    if (!this.#live || !sessions.isLive(box.sql, sessionId, this.#lifetimes, box.now)) return null
    return { ...box, sessionId, link: fileLinks(readConfig(this.env), origin, box.now) }
  }

  /** Does the work, and then delivers what it left for the peer. The answer does not wait for that. */
  #inChat<T>(caller: Caller, chatId: string, work: (box: CallerBox) => Outcome<T>): Outcome<T> {
    const outcome = this.#asCaller(caller, work)
    if (outcome.ok) this.#deliver(chatId)
    return outcome
  }

  #deliver(peerId: string) {
    if (this.#pending([this.#chats.find(peerId)]).length > 0) this.ctx.waitUntil(this.#deliveries.start(peerId))
  }

  /** Records what became of a call to a peer, unless the mailbox was erased meanwhile. */
  #settle(work: (box: Box) => void) {
    if (this.#live) this.#write(work)
  }

  #collect(peerId: string): feed.Batch | null {
    if (!this.#live) return null
    const box = this.#box()
    const [chat] = this.#pending([box.chats.find(peerId)])
    const own = meta.ownProfile(box.sql)
    if (!chat || !own) return null
    return feed.isPending(box, chat, own) ? feed.collect(box, chat, own) : feed.farewell(box)
  }

  /** Those chats whose peer has something to learn. */
  #pending(chats: (ChatRow | undefined)[] = this.#chats.all()): ChatRow[] {
    const own = meta.ownProfile(this.ctx.storage.sql)
    if (!own) return []
    const box = this.#box()
    const leaves = this.#erasure !== null
    return chats.flatMap((chat) =>
      chat && (feed.isPending(box, chat, own) || (leaves && feed.isFarewellDue(box, chat))) ? [chat] : [],
    )
  }

  async #deliverDue() {
    const due = this.#pending()
      .filter((chat) => chat.retry_at <= Date.now())
      .slice(0, limits.deliveriesPerAlarm)
    while (due.length > 0)
      await Promise.all(due.splice(0, limits.deliveriesAtOnce).map((chat) => this.#deliveries.start(chat.peer_id)))
  }

  /** Fetches the profile when a change was announced and nobody came back to say how it went. */
  async #syncProfile() {
    const due = meta.profileDue(this.ctx.storage.sql)
    if (due === null || due > Date.now()) return
    const own = await users.find(this.env.DB, this.#userId)
    if (own) this.setProfile(own)
    else meta.expectNoProfile(this.ctx.storage.sql)
  }

  /** Deletes the bytes of files that were removed, or never finished, and then forgets them. */
  async #removeFiles() {
    const fileIds = files.expired(this.ctx.storage.sql, Date.now())
    if (fileIds.length === 0) return
    await fileObjects.remove(this.env.FILES, fileIds)
    files.forget(this.ctx.storage.sql, fileIds)
  }

  #wakeBy(time: number) {
    if (this.#alarmAt !== null && this.#alarmAt <= time) return
    this.#alarmAt = time
    this.ctx.storage.setAlarm(time)
  }

  /** After an alarm: the earliest time at which something is still due. */
  #wakeForRest() {
    if (!this.#live) return
    const times = this.#pending().map((chat) => Math.max(chat.retry_at, Date.now()))
    for (const time of [meta.profileDue(this.ctx.storage.sql), files.due(this.ctx.storage.sql)])
      if (time !== null) times.push(time)
    if (search.isClearing(this.ctx.storage.sql)) times.push(Date.now())
    if (times.length > 0) this.#wakeBy(Math.min(...times))
  }
}
