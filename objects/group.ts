import { DurableObject } from 'cloudflare:workers'
import type { ReactionsQuery } from '../schemas/user-reaction'
import type { FileMetadata } from '../src/core/file-metadata'
import type { GroupBan, GroupHead, GroupInvitation, GroupInvite, GroupMember, GroupRole } from '../src/core/group'
import { limits } from '../src/core/limits'
import type { ReportEvidence } from '../src/core/report-evidence'
import { readConfig } from '../src/settings/config'
import type { AlarmJob } from './durable/alarm-schedule'
import { done, type Outcome, refuse } from './durable/outcome'
import { timeLimit } from './durable/time-limit'
import { alarmJobs } from './group/alarm'
import { changesPage } from './group/changes/changes'
import { myHead, readByAll, showsMarks, toMessage } from './group/changes/to-member'
import type { GroupContext, MemberContext } from './group/context'
import type { Mailboxes } from './group/mailboxes'
import { ban, listBans, unban } from './group/members/bans'
import { create } from './group/members/create'
import { endGroup } from './group/members/ending'
import { forgetAccount } from './group/members/forget'
import { createInvite, listInvites, revokeInvite } from './group/members/invites'
import * as requests from './group/members/join-requests'
import { findInvitation, join } from './group/members/joining'
import * as membership from './group/members/membership'
import { listMembers } from './group/members/pages'
import { expectPicture } from './group/members/picture'
import { dropRequest } from './group/members/request-count'
import { updateGroup } from './group/members/settings'
import * as messages from './group/messages/changes'
import { exportMessages } from './group/messages/export'
import { readFile } from './group/messages/files'
import { listMessages } from './group/messages/pages'
import * as pins from './group/messages/pins'
import { listReactions, react } from './group/messages/reactions'
import { clear, markRead } from './group/messages/reading'
import { listReceipts } from './group/messages/receipts'
import { collectEvidence } from './group/messages/report-evidence'
import { searchMessages } from './group/messages/search'
import { sendMessage } from './group/messages/send'
import { Passes } from './group/nudges/passes'
import type {
  Actor,
  AddAnswer,
  Added,
  Answer,
  ChangedMessage,
  ExpectedPicture,
  GroupBansPage,
  GroupChange,
  GroupChangesPage,
  GroupEdit,
  GroupInvitesPage,
  GroupMembersPage,
  GroupMessagesFound,
  GroupMessagesPage,
  GroupPageQuery,
  GroupPosition,
  GroupReactionsPage,
  GroupReceiptsPage,
  GroupSearch,
  GroupSend,
  GroupSent,
  GroupStub,
  Joined,
  JoinRequestsPage,
  MarkedRead,
  Membership,
  NewGroup,
  NewInvite,
  Nudge,
  Out,
  PageSize,
  PinsPage,
  Reacting,
  ReadMessage,
} from './group/shapes'
import { GroupStore } from './group/store'
import { type MemberRow, toMember } from './group/tables/members'

/** What `GroupStub` says, as it is here: without the promise that a call from outside returns. */
type Calls = {
  [Method in keyof GroupStub]: (
    ...input: Parameters<GroupStub[Method]>
  ) => Awaited<ReturnType<GroupStub[Method]>> | ReturnType<GroupStub[Method]>
}

/**
 * One group, named by its id: the RPC surface of the modules in `group/`. Everything of it is stored here once: its
 * members, its messages, and what they have read. The mailboxes of members call it and say on whose behalf.
 */
export class Group extends DurableObject<Env> implements Calls {
  readonly #store: GroupStore
  readonly #passes: Passes
  readonly #jobs: readonly AlarmJob[]
  readonly #mailboxes: Mailboxes

  constructor(ctx: DurableObjectState, env: Env) {
    super(ctx, env)
    this.#mailboxes = env.MAILBOX as unknown as Mailboxes
    this.#store = new GroupStore(ctx, { jobs: () => this.#jobs, changed: () => this.#passes.start() })
    const nudge = (userId: string, told: Nudge) => this.#mailboxes.getByName(userId).nudge(told)
    const callsAtOnce = () => readConfig(this.env).GROUP_CALLS_AT_ONCE
    this.#passes = new Passes({ ctx, store: this.#store, nudge, callsAtOnce })
    this.#jobs = alarmJobs(this.#store, this.#passes, env.FILES)
    ctx.blockConcurrencyWhile(async () => {
      await this.#store.load()
      // The platform permanently drops an alarm that was interrupted too often.
      this.#store.alarm.arm()
    })
  }

  /** Begins the group. Repeating the call returns the membership of the founder, as long as they are a member. */
  create(founder: Actor, group: NewGroup): Answer<Membership> {
    const store = this.#store
    if (store.exists) return this.#asMember(founder.userId, (context) => done(toMembership(context)))
    if (store.tombstone !== null) return this.#nowhere()
    store.open()
    return done(store.write((context) => create(context, founder, group)))
  }

  /** The membership of a user whose mailbox asks because something has changed. The next change is told again. */
  check(actor: Actor): Answer<Membership> {
    const store = this.#store
    return this.#asMember(actor.userId, ({ me }) => {
      const isStale = me.profile_revision < actor.revision
      if (me.hushed_at > 0 || isStale)
        store.write((context) => {
          const member = context.members.save({ ...me, hushed_at: 0 })
          if (isStale) membership.followProfile(context, actor)
          return member
        })
      this.#passes.checked(actor.userId, store.facts.row.seq)
      return this.#asMember(actor.userId, (context) => done(toMembership(context)))
    })
  }

  /** Takes a member's profile as it is now. It does not count as asking: see `check`. */
  followProfile(actor: Actor): Answer<null> {
    return this.#write(actor.userId, (context) => {
      membership.followProfile(context, actor)
      return done(null)
    })
  }

  getHead(userId: string): Answer<GroupHead> {
    return this.#asMember(userId, (context) => done(myHead(context)))
  }

  /** A page of what has changed for a member after a position; without one, a fresh start. */
  listChanges(userId: string, position: GroupPosition | null, size: PageSize): Answer<GroupChangesPage> {
    return this.#asMember(userId, (context) => done(changesPage(context, position, size)))
  }

  listMembers(userId: string, after: string | null, limit: number, left: boolean): Answer<GroupMembersPage> {
    return this.#asMember(userId, (context) => done(listMembers(context, after, limit, left)))
  }

  update(userId: string, change: GroupChange): Answer<GroupHead> {
    return this.#write(userId, (context) => updateGroup(context, change))
  }

  /** Announces a file that is about to become the picture, and returns whether the group shows that picture already. */
  expectPicture(userId: string, expected: ExpectedPicture): Answer<{ isShown: boolean }> {
    const answer = this.#write(userId, (context) => expectPicture(context, expected))
    this.#store.alarm.arm()
    return answer
  }

  /** Adds users whose mailboxes agree, each of which is asked for two seconds at most. */
  async addMembers(userId: string, userIds: readonly string[]): Promise<Answer<Added>> {
    const asked = this.#asMember(userId, (context) =>
      membership.mayAdd(context) ? done(membership.toAsk(context, userIds)) : refuse('not_allowed_in_group'),
    )
    if (!asked.ok) return asked
    const { there, banned, others } = asked.value
    const answers = await Promise.all(others.map((one) => this.#askToAdd(one, userId)))
    const actors = answers.flatMap(({ answer }) => (answer?.ok ? answer.actor : []))
    const added = this.#write(userId, (context) => membership.add(context, actors))
    if (!added.ok) return added
    return done({
      added: [...there, ...added.value.added],
      banned: [...banned, ...added.value.banned],
      toInvite: answers.flatMap(({ user, answer }) => (answer?.ok === false ? user : [])),
      unreachable: answers.flatMap(({ user, answer }) => (answer === null ? user : [])),
    })
  }

  removeMember(userId: string, removed: string): Answer<null> {
    return this.#write(userId, (context) => membership.remove(context, removed))
  }

  ban(userId: string, banned: string): Answer<GroupBan> {
    return this.#write(userId, (context) => ban(context, banned))
  }

  unban(userId: string, banned: string): Answer<null> {
    return this.#write(userId, (context) => unban(context, banned))
  }

  listBans(userId: string, after: string | null, limit: number): Answer<GroupBansPage> {
    return this.#asMember(userId, (context) => listBans(context, after, limit))
  }

  setRole(userId: string, member: string, role: GroupRole): Answer<GroupMember> {
    return this.#write(userId, (context) => {
      const set = membership.setRole(context, member, role)
      return set.ok ? done(toMember(set.value, showsMarks(context.members))) : set
    })
  }

  /** Returns the number of the end of the membership. For somebody who is no member, it has ended already. */
  leave(userId: string): Answer<number> {
    return this.#write(userId, membership.leave)
  }

  createInvite(userId: string, invite: NewInvite): Answer<GroupInvite> {
    return this.#write(userId, (context) => createInvite(context, invite))
  }

  listInvites(userId: string, before: string | null, limit: number): Answer<GroupInvitesPage> {
    return this.#asMember(userId, (context) => listInvites(context, before, limit))
  }

  revokeInvite(userId: string, inviteId: string): Answer<null> {
    return this.#write(userId, (context) => revokeInvite(context, inviteId))
  }

  /** What anybody with the secret of an invitation sees of the group. */
  findInvitation(userId: string, secret: string): Outcome<GroupInvitation> {
    const store = this.#store
    return store.exists ? findInvitation(store.context(), userId, secret) : refuse('invite_not_found')
  }

  /** Makes a member of anybody with the secret of an invitation, or takes their request. */
  join(actor: Actor, secret: string): Outcome<Joined> {
    const store = this.#store
    return store.exists ? store.write((context) => join(context, actor, secret)) : refuse('invite_not_found')
  }

  listRequests(userId: string, after: string | null, limit: number): Answer<JoinRequestsPage> {
    return this.#asMember(userId, (context) => requests.listRequests(context, after, limit))
  }

  /** Makes a member of somebody who has asked for it, once their mailbox has agreed. */
  async approveRequest(userId: string, requester: string): Promise<Answer<GroupMember>> {
    const before = this.#asMember(userId, (context) => requests.beforeApproval(context, requester))
    if (!before.ok) return before
    if (before.value) return done(this.#toMember(before.value))
    const answer = await this.#ask(this.#mailboxes.getByName(requester).mayJoin())
    if (!answer) return refuse('service_unavailable')
    const approved = this.#write(userId, (context) => requests.approveRequest(context, requester, answer))
    return approved.ok ? done(this.#toMember(approved.value)) : approved
  }

  /** Forgets a request to join, on behalf of an admin or of whoever made it. */
  declineRequest(userId: string, requester: string): Answer<null> {
    const store = this.#store
    const isOwn = userId === requester && store.exists && !store.isEnding
    if (isOwn && store.write((context) => dropRequest(context, userId))) return done(null)
    return this.#write(userId, (context) => requests.declineRequest(context, requester))
  }

  /** Ends the group. Returns the number of the end of all memberships. */
  end(userId: string): Answer<number> {
    return this.#write(userId, endGroup)
  }

  forgetAccount(userId: string): null {
    if (this.#store.exists) this.#store.write((context) => forgetAccount(context, userId))
    return null
  }

  sendMessage(userId: string, input: GroupSend): Answer<GroupSent> {
    return this.#write(userId, (context) => sendMessage(context, input))
  }

  getMessage(userId: string, messageId: string): Answer<ReadMessage> {
    return this.#asMember(userId, (context) => {
      const found = messages.locate(context, messageId)
      if (!found.ok) return found
      const message = toMessage(context, context.me, found.value)
      return done({ message, readByAllId: readByAll(context, context.me) })
    })
  }

  /** The metadata of a file in a message that the user sees, or of the picture of the group. */
  readFile(userId: string, fileId: string): Answer<FileMetadata> {
    return this.#asMember(userId, (context) => readFile(context, fileId))
  }

  listMessages(userId: string, query: GroupPageQuery): Answer<GroupMessagesPage> {
    return this.#asMember(userId, (context) => listMessages(context, query))
  }

  exportMessages(userId: string, afterId: string): Answer<GroupMessagesFound> {
    return this.#asMember(userId, (context) => exportMessages(context, afterId))
  }

  collectEvidence(userId: string, senderId: string, messageIds: string[]): Answer<ReportEvidence[]> {
    return this.#asMember(userId, (context) => collectEvidence(context, senderId, messageIds))
  }

  searchMessages(userId: string, query: GroupSearch): Answer<GroupMessagesFound> {
    return this.#write(userId, (context) => searchMessages(context, query))
  }

  editMessage(userId: string, messageId: string, edit: GroupEdit): Answer<ChangedMessage> {
    return this.#write(userId, (context) => messages.editMessage(context, messageId, edit))
  }

  /** Returns whether this call has deleted the message. */
  deleteMessage(
    userId: string,
    messageId: string,
    scope: 'me' | 'everyone',
    waitSeconds: number | null,
  ): Answer<boolean> {
    const remove = scope === 'me' ? messages.deleteForMe : messages.deleteForEveryone
    return this.#write(userId, (context) => remove(context, messageId, waitSeconds))
  }

  react(userId: string, messageId: string, reacting: Reacting): Answer<ChangedMessage> {
    return this.#write(userId, (context) => react(context, messageId, reacting))
  }

  /** Who has read a message of the user's. */
  listReceipts(userId: string, messageId: string, after: string | null, limit: number): Answer<GroupReceiptsPage> {
    return this.#asMember(userId, (context) => listReceipts(context, messageId, after, limit))
  }

  listReactions(userId: string, messageId: string, query: ReactionsQuery): Answer<GroupReactionsPage> {
    return this.#asMember(userId, (context) => listReactions(context, messageId, query))
  }

  pin(userId: string, messageId: string): Answer<ReadMessage> {
    return this.#write(userId, (context) => pins.pin(context, messageId))
  }

  unpin(userId: string, messageId: string): Answer<null> {
    return this.#write(userId, (context) => pins.unpin(context, messageId))
  }

  listPins(userId: string, before: number | null, limit: number): Answer<PinsPage> {
    return this.#asMember(userId, (context) => pins.listPins(context, before, limit))
  }

  markRead(userId: string, upToMessageId: string, waitSeconds: number | null): Answer<MarkedRead> {
    return this.#write(userId, (context) => markRead(context, upToMessageId, waitSeconds))
  }

  clear(userId: string): Answer<null> {
    return this.#write(userId, clear)
  }

  /** Tells members who are looking that somebody types, in groups that are small enough. Wakes nobody. */
  typing(userId: string): Answer<null> {
    return this.#asMember(userId, ({ members, groupId }) => {
      const others = this.#passes.liveMembers().filter((one) => one !== userId && members.member(one))
      if (members.present().length <= limits.groupMarksShownMax)
        for (const one of others)
          this.ctx.waitUntil(
            this.#mailboxes
              .getByName(one)
              .signalInGroup(groupId, userId)
              .catch(() => {}),
          )
      return done(null)
    })
  }

  override async alarm() {
    await this.#store.alarm.ring()
  }

  async #askToAdd(user: string, by: string): Promise<{ user: string; answer: AddAnswer | null }> {
    const hasLeft = this.#store.members.find(user)?.left_themselves === 1
    return { user, answer: await this.#ask(this.#mailboxes.getByName(user).mayBeAdded(by, hasLeft)) }
  }

  /** What a mailbox says, null if it does not in time. */
  #ask(asked: Promise<AddAnswer>): Promise<AddAnswer | null> {
    return timeLimit(asked, limits.groupAddMs, 'A mailbox did not answer in time').catch(() => null)
  }

  #toMember(row: MemberRow): GroupMember {
    return toMember(row, showsMarks(this.#store.members))
  }

  /** The answer of a group that does not exist, or does so no longer. */
  #nowhere(): Out {
    return { ok: false, code: 'chat_not_found', out: this.#store.tombstone ?? 0 }
  }

  #asMember<T>(userId: string, work: (context: MemberContext) => Answer<T>): Answer<T> {
    const context = this.#store.context()
    if (!this.#store.exists) return this.#nowhere()
    const me = context.members.member(userId)
    return me ? work({ ...context, me }) : membership.outOf(context, userId)
  }

  /** One block on behalf of a member, who is looked up in the block. */
  #write<T>(userId: string, work: (context: MemberContext) => Outcome<T>): Answer<T> {
    if (!this.#store.exists) return this.#nowhere()
    return this.#store.write((context): Answer<T> => {
      const me = context.members.member(userId)
      return me ? work({ ...context, me }) : membership.outOf(context, userId)
    })
  }
}

const toMembership = (context: GroupContext & { me: MemberContext['me'] }) =>
  membership.toMembership(context, context.me)
