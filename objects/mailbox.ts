import { DurableObject } from 'cloudflare:workers'
import type { Block } from '../schemas/block'
import type { Changes } from '../schemas/changes'
import type { Chat, ChatSettings, UnreadCount } from '../schemas/chat'
import type { Contact } from '../schemas/contact'
import type { File } from '../schemas/file'
import type { GroupDraft, GroupMemberShown } from '../schemas/group'
import type { GroupInviteDraft } from '../schemas/group-invite'
import type { Message, OutgoingMessage } from '../schemas/message'
import type { Session } from '../schemas/session'
import type { ReactionsQuery } from '../schemas/user-reaction'
import type { Place } from '../src/core/edge'
import { events } from '../src/core/events'
import type { FileMetadata } from '../src/core/file-metadata'
import type { GroupRole } from '../src/core/group'
import { isGroupId } from '../src/core/ids'
import { type JsonText, jsonText } from '../src/core/json-text'
import { limits } from '../src/core/limits'
import { type JsonObject, metadataText } from '../src/core/metadata'
import { formsOf } from '../src/core/phone-forms'
import type { OwnProfile, Profile } from '../src/core/profile'
import type { ReportEvidence } from '../src/core/report-evidence'
import { readConfig } from '../src/settings/config'
import { sessionHash, signatures } from '../src/settings/signing'
import type { AlarmJob } from './durable/alarm-schedule'
import { done, type Outcome, refuse } from './durable/outcome'
import type {
  AddAnswer,
  Added,
  ExpectedPicture,
  GroupChange,
  GroupPosition,
  GroupStub,
  Nudge,
  NudgeAnswer,
} from './group/shapes'
import { idleSince } from './mailbox/account/account-idle'
import { type ExportPage, type ExportSection, exportPage } from './mailbox/account/export'
import * as profile from './mailbox/account/profile'
import { alarmJobs } from './mailbox/alarm'
import * as chats from './mailbox/chats/actions'
import { type ChatFilters, type ChatsPage, listChats } from './mailbox/chats/chat-pages'
import { clearChat, updateChat } from './mailbox/chats/chat-settings'
import { listMessages, type MessageFilters, type MessagesPage, type PageAnchor } from './mailbox/chats/message-pages'
import { addReaction, listReactions, type ReactionsPage, removeReaction } from './mailbox/chats/reactions'
import { listReceipts, type ReceiptsPage } from './mailbox/chats/receipts'
import { collectEvidence } from './mailbox/chats/report-evidence'
import type { SearchQuery } from './mailbox/chats/search'
import { sendMessage } from './mailbox/chats/send-message'
import { type BlocksPage, blockUser, listBlocks, unblockUser } from './mailbox/contacts/blocking'
import { type ContactsPage, listContacts, removeContact, saveContact } from './mailbox/contacts/contacts'
import { ProfileRefresh } from './mailbox/contacts/profile-refresh'
import type { Caller, CallerContext } from './mailbox/context'
import { Drains } from './mailbox/delivery/drains'
import { receiveDelivery } from './mailbox/delivery/incoming'
import { feedPosition } from './mailbox/delivery/outgoing'
import type { Delivery, DeliveryResult, FeedPosition } from './mailbox/delivery/shapes'
import { avatarMetadata, checkAvatar } from './mailbox/files/avatars'
import { readableFile } from './mailbox/files/grants'
import { type FilesPage, listFiles, removeFile } from './mailbox/files/stored-files'
import { type Measured, type Reservation, releaseFile, reserveFile, storeFile } from './mailbox/files/uploads'
import { GroupAdminCalls } from './mailbox/groups/admin-calls'
import { GroupChecks } from './mailbox/groups/checks'
import { GroupExports } from './mailbox/groups/export'
import { GroupClient } from './mailbox/groups/group-client'
import { GroupInviteCalls } from './mailbox/groups/invite-calls'
import { type CreatedGroup, GroupMemberCalls } from './mailbox/groups/member-calls'
import { GroupMessageCalls } from './mailbox/groups/message-calls'
import { mayBeAdded, mayJoin, receiveNudge } from './mailbox/groups/nudges'
import { GroupSearches, type HitsPage } from './mailbox/groups/search'
import { chargeLookups } from './mailbox/limits/contact-lookup-quota'
import { type ChangesStart, changesPage } from './mailbox/realtime/changes'
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

const textOf = (metadata: JsonObject | null | undefined) =>
  metadata === undefined ? undefined : metadataText(metadata)

/**
 * One user's mailbox, named by the user id: the RPC surface of the modules in `mailbox/`. Only `signIn` and
 * the first delivery create a mailbox; until then, every other call finds nothing and leaves nothing behind.
 */
export class Mailbox extends DurableObject<Env> {
  readonly #store: MailboxStore
  readonly #drains: Drains
  readonly #jobs: readonly AlarmJob[]
  readonly #sockets: Sockets
  readonly #profiles: ProfileRefresh
  readonly #groupMembers: GroupMemberCalls
  readonly #groupMessages: GroupMessageCalls
  readonly #groupAdmin: GroupAdminCalls
  readonly #groupInvites: GroupInviteCalls
  readonly #checks: GroupChecks
  readonly #searches: GroupSearches
  readonly #groupExports: GroupExports

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
    // The platform's own stub type does not know that results are plain data.
    const groupOf = (groupId: string) => env.GROUP.getByName(groupId) as unknown as GroupStub
    const waitUntil = (promise: Promise<unknown>) => ctx.waitUntil(promise)
    const groups = new GroupClient(store, groupOf)
    this.#groupMembers = new GroupMemberCalls(store, groups)
    this.#groupMessages = new GroupMessageCalls(store, groups)
    this.#groupAdmin = new GroupAdminCalls(store, groups)
    this.#groupInvites = new GroupInviteCalls(store, groups)
    this.#checks = new GroupChecks({ store, groupOf, waitUntil, isLive: () => this.#sockets.isLive })
    this.#groupExports = new GroupExports(store, groups)
    this.#searches = new GroupSearches(store, groups, this.#checks)
    const setProfile = (own: OwnProfile) => this.setProfile(own)
    this.#jobs = alarmJobs({ store, drains: this.#drains, env, checks: this.#checks, groupOf, setProfile })
    this.#sockets = new Sockets({
      ctx,
      store,
      drains: this.#drains,
      peers: {
        signal: (userId, signal) => env.MAILBOX.getByName(userId).signal(signal),
        subscribe: (userId, subscription) => env.MAILBOX.getByName(userId).subscribeToPresence(subscription),
      },
      groups: {
        refresh: () => this.#checks.refresh(),
        sendMessage: (...input) => this.#groupMessages.sendMessage(...input),
        markRead: (...input) => this.#groupMessages.markRead(...input),
        typing: (...input) => this.#groupMessages.typing(...input),
        listChanges: (...input) => this.#groupMessages.listChanges(...input),
      },
    })
    this.#profiles = new ProfileRefresh(store, env.DB, (promise) => ctx.waitUntil(promise))
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
  override async fetch(request: Request): Promise<Response> {
    this.#store.endExpiredSessions()
    if (this.#checks.isDue) await this.#checks.refresh()
    this.#profiles.ask()
    const response = this.#sockets.accept(request)
    this.#checks.remind()
    return response
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

  async sendMessage(
    caller: Caller,
    chatId: string,
    input: OutgoingMessage,
    peer: Profile | null,
  ): Promise<Outcome<SentText>> {
    const sent = isGroupId(chatId)
      ? await this.#groupMessages.sendMessage(caller, chatId, input)
      : this.#sendDirect(caller, chatId, input, peer)
    return sent.ok ? done({ message: jsonText(sent.value.message), created: sent.value.created }) : sent
  }

  #sendDirect(caller: Caller, chatId: string, input: OutgoingMessage, peer: Profile | null) {
    return this.#inChat(caller, chatId, (context) => sendMessage(context, chatId, input, peer))
  }

  editMessage(
    caller: Caller,
    chatId: string,
    messageId: string,
    text: string | undefined,
    metadata?: JsonObject | null,
  ): Outcome<Message> | Promise<Outcome<Message>> {
    if (isGroupId(chatId))
      return this.#groupMessages.editMessage(caller, chatId, messageId, { text, metadata: textOf(metadata) })
    return this.#inChat(caller, chatId, (context) => chats.editMessage(context, chatId, messageId, { text, metadata }))
  }

  deleteMessage(
    caller: Caller,
    chatId: string,
    messageId: string,
    scope: 'me' | 'everyone',
  ): Outcome<null> | Promise<Outcome<null>> {
    if (isGroupId(chatId)) return this.#groupMessages.deleteMessage(caller, chatId, messageId, scope)
    const remove = scope === 'me' ? chats.deleteForMe : chats.deleteForEveryone
    return this.#inChat(caller, chatId, (context) => remove(context, chatId, messageId))
  }

  markChatRead(caller: Caller, chatId: string, upToMessageId: string): Outcome<Chat> | Promise<Outcome<Chat>> {
    if (isGroupId(chatId)) return this.#groupMessages.markRead(caller, chatId, upToMessageId)
    return this.#inChat(caller, chatId, (context) => chats.markRead(context, chatId, upToMessageId))
  }

  getMessage(caller: Caller, chatId: string, messageId: string): Outcome<Message> | Promise<Outcome<Message>> {
    if (isGroupId(chatId)) return this.#groupMessages.getMessage(caller, chatId, messageId)
    return this.#read(caller, (context) => chats.getMessage(context, chatId, messageId))
  }

  /** Returns who has received and read a message of the caller's, after a user id. */
  listReceipts(
    caller: Caller,
    chatId: string,
    messageId: string,
    after: string | null,
    limit: number,
  ): Outcome<ReceiptsPage> | Promise<Outcome<ReceiptsPage>> {
    if (isGroupId(chatId)) return this.#groupMessages.lists.listReceipts(caller, chatId, messageId, after, limit)
    return this.#read(caller, (context) => listReceipts(context, chatId, messageId, after))
  }

  /** A Worker of an older version sends no filters. */
  listMessages(
    caller: Caller,
    chatId: string,
    anchor: PageAnchor,
    limit: number,
    filters: MessageFilters = { hasAttachments: false },
  ): Outcome<MessagesPage> | Promise<Outcome<MessagesPage>> {
    if (isGroupId(chatId)) return this.#groupMessages.listMessages(caller, chatId, { anchor, limit, ...filters })
    return this.#read(caller, (context) => listMessages(context, chatId, { anchor, limit, ...filters }))
  }

  searchMessages(caller: Caller, query: SearchQuery): Outcome<HitsPage> | Promise<Outcome<HitsPage>> {
    return this.#searches.search(caller, query)
  }

  getChat(caller: Caller, chatId: string): Outcome<Chat> | Promise<Outcome<Chat>> {
    if (isGroupId(chatId)) return this.#groupMembers.getChat(caller, chatId)
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

  async listChats(
    caller: Caller,
    filters: ChatFilters,
    after: string | null,
    limit: number,
  ): Promise<Outcome<ChatsPage>> {
    await this.#askGroups(caller)
    return this.#read(caller, (context) => listChats(context, filters, after, limit))
  }

  updateChat(caller: Caller, chatId: string, changed: ChatSettings): Outcome<Chat> | Promise<Outcome<Chat>> {
    if (isGroupId(chatId)) return this.#groupMembers.updateSettings(caller, chatId, changed)
    return this.#inChat(caller, chatId, (context) => updateChat(context, chatId, changed))
  }

  clearChat(caller: Caller, chatId: string): Outcome<null> | Promise<Outcome<null>> {
    if (isGroupId(chatId)) return this.#groupMessages.clear(caller, chatId)
    return this.#asCaller(caller, (context) => clearChat(context, chatId))
  }

  addReaction(
    caller: Caller,
    chatId: string,
    messageId: string,
    emoji: string,
  ): Outcome<Message> | Promise<Outcome<Message>> {
    if (isGroupId(chatId)) return this.#groupMessages.react(caller, chatId, messageId, emoji, true)
    return this.#inChat(caller, chatId, (context) => addReaction(context, chatId, messageId, emoji))
  }

  removeReaction(
    caller: Caller,
    chatId: string,
    messageId: string,
    emoji: string,
  ): Outcome<Message> | Promise<Outcome<Message>> {
    if (isGroupId(chatId)) return this.#groupMessages.react(caller, chatId, messageId, emoji, false)
    return this.#inChat(caller, chatId, (context) => removeReaction(context, chatId, messageId, emoji))
  }

  /** Returns the reactions to a message, in the order in which they were added. */
  listReactions(
    caller: Caller,
    chatId: string,
    messageId: string,
    query: ReactionsQuery,
  ): Outcome<ReactionsPage> | Promise<Outcome<ReactionsPage>> {
    if (isGroupId(chatId)) return this.#groupMessages.lists.listReactions(caller, chatId, messageId, query)
    return this.#read(caller, (context) => listReactions(context, chatId, messageId, query))
  }

  /** Returns the changes after a client's cursor; without one, a full copy, or where changes continue from now on. */
  async listChanges(caller: Caller, start: ChangesStart, limit: number): Promise<Outcome<JsonText<Changes>>> {
    this.#profiles.ask()
    const isComplete = await this.#askGroups(caller)
    return this.#read(caller, (context) => done(changesPage(context, { ...start, isComplete }, limit).text))
  }

  /** Charges for looking up phone numbers (E.164). Numbers that were charged before are free. */
  chargeLookups(caller: Caller, phoneNumbers: string[]): Outcome<null> {
    const config = this.#store.config()
    const hashesOf = (form: string) => signatures(config, 'lookup', `${this.#store.userId}.${form}`)
    const hashes = phoneNumbers.map((number) => formsOf(number).flatMap(hashesOf))
    return this.#asCaller(caller, (context) => chargeLookups(context, hashes))
  }

  /** Returns copies of messages in the chat with a user, or by them in a group, as the caller sees them now. */
  collectEvidence(
    caller: Caller,
    userId: string,
    messageIds: string[],
    groupId?: string,
  ): Outcome<ReportEvidence[]> | Promise<Outcome<ReportEvidence[]>> {
    if (groupId !== undefined) return this.#groupMessages.collectEvidence(caller, groupId, userId, messageIds)
    return this.#read(caller, (context) => collectEvidence(context, userId, messageIds))
  }

  saveContact(caller: Caller, found: Profile, name: string | null | undefined): Outcome<Contact> {
    return this.#changeContact(caller, found.id, (context) => saveContact(context, found, name))
  }

  removeContact(caller: Caller, userId: string): Outcome<null> {
    return this.#changeContact(caller, userId, (context) => removeContact(context, userId))
  }

  listContacts(caller: Caller, after: string | null, limit: number): Outcome<ContactsPage> {
    this.#profiles.ask()
    return this.#read(caller, (context) => listContacts(context, after, limit))
  }

  blockUser(caller: Caller, found: Profile): Outcome<Block> {
    const outcome = this.#asCaller(caller, (context) => blockUser(context, found))
    if (outcome.ok) this.#sockets.hideFrom(found.id)
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
    this.#profiles.ask()
    return this.#read(caller, (context) => listBlocks(context, after, limit))
  }

  async getUnreadCount(caller: Caller): Promise<Outcome<UnreadCount>> {
    const isComplete = await this.#askGroups(caller)
    return this.#read(caller, (context) => chats.countUnread(context, isComplete))
  }

  /** Returns the next page of the user's export. */
  exportPage(
    caller: Caller,
    section: ExportSection,
    after: string | null,
  ): Outcome<ExportPage> | Promise<Outcome<ExportPage>> {
    const { isLive, isGone } = this.#store
    if (isLive && !isGone && this.#groupExports.hasPage(section, after))
      return this.#groupExports.page(caller, section, after)
    return this.#read(caller, (context) => exportPage(context, section, after))
  }

  /** Refuses what is no picture of the caller's. */
  checkAvatar(caller: Caller, fileId: string): Outcome<null> {
    return this.#read(caller, (context) => checkAvatar(context, fileId))
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

  /** With the id of a group, the file of one of its messages. */
  readFile(caller: Caller, fileId: string, chatId?: string): Outcome<FileMetadata> | Promise<Outcome<FileMetadata>> {
    if (chatId !== undefined && isGroupId(chatId)) return this.#groupMessages.readFile(caller, chatId, fileId)
    return this.#read(caller, (context) => readableFile(context, fileId))
  }

  /** Returns the metadata of a file that the user may read, for whoever has a signed link that was made for them. */
  readLinkedFile(fileId: string, chatId?: string): Outcome<FileMetadata> | Promise<Outcome<FileMetadata>> {
    if (chatId !== undefined) return this.#groupMessages.readLinkedFile(chatId, fileId)
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

  createGroup(caller: Caller, group: GroupDraft): Promise<Outcome<CreatedGroup>> {
    return this.#groupMembers.create(caller, group)
  }

  updateGroup(caller: Caller, groupId: string, change: GroupChange): Promise<Outcome<Chat>> {
    return this.#groupMembers.update(caller, groupId, change)
  }

  /** Announces a file that is about to become the picture of a group. */
  expectGroupPicture(caller: Caller, groupId: string, expected: ExpectedPicture) {
    return this.#groupMembers.expectPicture(caller, groupId, expected)
  }

  listGroupMembers(caller: Caller, groupId: string, after: string | null, limit: number, left: boolean) {
    return this.#groupMembers.listMembers(caller, groupId, after, limit, left)
  }

  addGroupMembers(caller: Caller, groupId: string, userIds: string[]): Promise<Outcome<Added>> {
    return this.#groupMembers.addMembers(caller, groupId, userIds)
  }

  updateGroupMember(
    caller: Caller,
    groupId: string,
    userId: string,
    role: GroupRole,
  ): Promise<Outcome<GroupMemberShown>> {
    return this.#groupMembers.setRole(caller, groupId, userId, role)
  }

  removeGroupMember(caller: Caller, groupId: string, userId: string): Promise<Outcome<null>> {
    return this.#groupMembers.removeMember(caller, groupId, userId)
  }

  createGroupInvite(caller: Caller, groupId: string, draft: GroupInviteDraft) {
    const { expiresInSeconds = null, maxUses = null, needsApproval = false } = draft
    return this.#groupAdmin.createInvite(caller, groupId, { expiresInSeconds, maxUses, needsApproval })
  }

  listGroupInvites(caller: Caller, groupId: string, before: string | null, limit: number) {
    return this.#groupAdmin.listInvites(caller, groupId, before, limit)
  }

  revokeGroupInvite(caller: Caller, groupId: string, inviteId: string) {
    return this.#groupAdmin.revokeInvite(caller, groupId, inviteId)
  }

  getGroupInvite(caller: Caller, code: string) {
    return this.#groupInvites.find(caller, code)
  }

  joinGroup(caller: Caller, code: string) {
    return this.#groupInvites.join(caller, code)
  }

  listJoinRequests(caller: Caller, groupId: string, after: string | null, limit: number) {
    return this.#groupAdmin.listRequests(caller, groupId, after, limit)
  }

  approveJoinRequest(caller: Caller, groupId: string, userId: string) {
    return this.#groupAdmin.approveRequest(caller, groupId, userId)
  }

  declineJoinRequest(caller: Caller, groupId: string, userId: string) {
    return this.#groupAdmin.declineRequest(caller, groupId, userId)
  }

  endGroup(caller: Caller, groupId: string): Promise<Outcome<null>> {
    return this.#groupAdmin.end(caller, groupId)
  }

  banGroupMember(caller: Caller, groupId: string, userId: string) {
    return this.#groupAdmin.ban(caller, groupId, userId)
  }

  unbanGroupMember(caller: Caller, groupId: string, userId: string) {
    return this.#groupAdmin.unban(caller, groupId, userId)
  }

  listGroupBans(caller: Caller, groupId: string, after: string | null, limit: number) {
    return this.#groupAdmin.listBans(caller, groupId, after, limit)
  }

  leaveGroup(caller: Caller, groupId: string): Promise<Outcome<null>> {
    return this.#groupMembers.leave(caller, groupId)
  }

  pinMessage(caller: Caller, groupId: string, messageId: string): Promise<Outcome<Message>> {
    return this.#groupMessages.pins.pin(caller, groupId, messageId)
  }

  unpinMessage(caller: Caller, groupId: string, messageId: string): Promise<Outcome<null>> {
    return this.#groupMessages.pins.unpin(caller, groupId, messageId)
  }

  /** Returns pinned messages, of those pinned before a time (epoch milliseconds). */
  listPins(caller: Caller, groupId: string, before: number | null, limit: number) {
    return this.#groupMessages.pins.list(caller, groupId, before, limit)
  }

  /** Returns the changes of a group after a place; without one, a fresh start. */
  listGroupChanges(caller: Caller, groupId: string, place: GroupPosition | null, limit: number) {
    return this.#groupMessages.listChanges(caller, groupId, place, { limit, bytesMax: limits.changesBytesMax })
  }

  /** Takes from a group that something has changed for the owner. */
  nudge(nudge: Nudge): NudgeAnswer {
    return receiveNudge(
      {
        store: this.#store,
        checks: this.#checks,
        isLive: () => this.#sockets.isLive,
        show: (news) => this.#sockets.tellGroup(news),
      },
      nudge,
    )
  }

  /** Whether a user may make the owner a member of a group, which the owner may have left themselves. */
  mayBeAdded(by: string, hasLeft: boolean): AddAnswer {
    const { isLive, isGone } = this.#store
    return isLive && !isGone ? mayBeAdded(this.#store.context(), by, hasLeft) : { ok: false }
  }

  /** Whether the owner, who has asked for it, can become a member of a group. */
  mayJoin(): AddAnswer {
    const { isLive, isGone } = this.#store
    return isLive && !isGone ? mayJoin(this.#store.context()) : { ok: false }
  }

  /** Tells those who are looking that somebody types in a group. */
  signalInGroup(groupId: string, from: string) {
    if (this.#store.isLive && this.#store.groups.member(groupId)) this.#sockets.tellTyping(groupId, from)
  }

  override async alarm() {
    await this.#store.alarm.ring()
  }

  /** Asks groups that have changed, before anything of them is shown. Returns whether all have answered. */
  async #askGroups(caller: Caller): Promise<boolean> {
    if (!this.#checks.isDue || !this.#read(caller, () => done(null)).ok) return true
    return this.#checks.refresh()
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
