import type { Chat, ChatSettings } from '../../../schemas/chat'
import type { GroupDraft, GroupMemberShown } from '../../../schemas/group'
import type { GroupChanges } from '../../../schemas/group-changes'
import type { Message, OutgoingMessage } from '../../../schemas/message'
import { encodeCursor } from '../../../src/core/cursors'
import { events } from '../../../src/core/events'
import type { FileMetadata } from '../../../src/core/file-metadata'
import type { GroupHead, GroupRole } from '../../../src/core/group'
import { jsonText } from '../../../src/core/json-text'
import { limits } from '../../../src/core/limits'
import { done, type Outcome, refuse } from '../../durable/outcome'
import { timeLimit } from '../../durable/time-limit'
import {
  type Added,
  type Anchor,
  type Answer,
  type GroupChange,
  type GroupEdit,
  type GroupPosition,
  type GroupStub,
  isOut,
  type PageSize,
} from '../../group/shapes'
import type { MessagesPage } from '../chats/message-pages'
import type { Caller } from '../context'
import type { MailboxStore } from '../store'
import { begin, chargeAdds, defined } from './create-group'
import { withGroupSettings } from './group-settings'
import { prepareMessage } from './prepare-message'
import { exit, learn } from './rows'
import type { GroupWire } from './to-wire'
import { toChat, toGroupChanges, toMember, toMessage } from './to-wire'

interface Dependencies {
  store: MailboxStore
  groupOf: (groupId: string) => GroupStub
}

export type CreatedGroup = { chat: Chat } & Added

/**
 * What the owner does in groups: each call is checked here, for its session and its limits, and carried out by the group,
 * which decides what its members may.
 */
export class GroupCalls {
  readonly #store: MailboxStore
  readonly #groupOf: Dependencies['groupOf']

  constructor({ store, groupOf }: Dependencies) {
    this.#store = store
    this.#groupOf = groupOf
  }

  /** Creates a group, once for each `clientGroupId`, and then adds members. */
  async create(caller: Caller, input: GroupDraft): Promise<Outcome<CreatedGroup>> {
    const begun = this.#store.asCaller(caller, (context) => begin(context, input))
    if (!begun.ok) return begun
    const { groupId, actor } = begun.value
    const { title, about = null, settings = {}, memberIds = [] } = input
    const group = { title, about: about || null, settings: defined(settings) }
    const created = await this.#ask(caller, groupId, (stub) => stub.create(actor, group))
    if (!created.ok) return created
    this.#store.write((context) => learn(context, groupId, created.value, true))
    const nobody: Added = { added: [], toInvite: [], unreachable: [] }
    const added = memberIds.length > 0 ? await this.addMembers(caller, groupId, memberIds) : done(nobody)
    if (!added.ok) return added
    const chat = await this.getChat(caller, groupId)
    return chat.ok ? done({ chat: chat.value, ...added.value }) : chat
  }

  async getChat(caller: Caller, groupId: string): Promise<Outcome<Chat>> {
    return this.#shown(caller, groupId, await this.#ask(caller, groupId, (group, userId) => group.getHead(userId)))
  }

  async update(caller: Caller, groupId: string, change: GroupChange): Promise<Outcome<Chat>> {
    const asked = await this.#ask(caller, groupId, (group, userId) => group.update(userId, change))
    return this.#shown(caller, groupId, asked)
  }

  /** The owner's own settings of a group are kept here. */
  async updateSettings(caller: Caller, groupId: string, settings: ChatSettings): Promise<Outcome<Chat>> {
    const head = await this.#ask(caller, groupId, (group, userId) => group.getHead(userId))
    if (!head.ok) return head
    const saved = this.#store.asCaller(caller, ({ groups, now }) => {
      const row = groups.member(groupId)
      if (row) withGroupSettings(groups, row, settings, now)
      return done(null)
    })
    return saved.ok ? this.#shown(caller, groupId, head) : saved
  }

  async listMembers(caller: Caller, groupId: string, after: string | null, limit: number, left: boolean) {
    const asked = await this.#ask(caller, groupId, (group, id) => group.listMembers(id, after, limit, left))
    if (!asked.ok) return asked
    const wire = this.#wire(caller, groupId)
    return done({ items: asked.value.items.map((member) => toMember(wire, member)), next: asked.value.next })
  }

  async addMembers(caller: Caller, groupId: string, userIds: string[]): Promise<Outcome<Added>> {
    const charged = this.#store.asCaller(caller, (context) => chargeAdds(context, userIds.length))
    if (!charged.ok) return charged
    return this.#ask(caller, groupId, (group, userId) => group.addMembers(userId, userIds))
  }

  removeMember(caller: Caller, groupId: string, removed: string): Promise<Outcome<null>> {
    return this.#ask(caller, groupId, (group, userId) => group.removeMember(userId, removed))
  }

  async setRole(caller: Caller, groupId: string, member: string, role: GroupRole): Promise<Outcome<GroupMemberShown>> {
    const asked = await this.#ask(caller, groupId, (group, userId) => group.setRole(userId, member, role))
    return asked.ok ? done(toMember(this.#wire(caller, groupId), asked.value)) : asked
  }

  async leave(caller: Caller, groupId: string): Promise<Outcome<null>> {
    const left = await this.#ask(caller, groupId, (group, userId) => group.leave(userId))
    if (left.ok) this.#store.write((context) => exit(context, groupId, left.value))
    return left.ok ? done(null) : left
  }

  async sendMessage(caller: Caller, groupId: string, input: OutgoingMessage) {
    const prepared = this.#store.readAsCaller(caller, (context) => prepareMessage(context, input))
    if (!prepared.ok) return prepared
    const sent = await this.#ask(caller, groupId, (group, userId) => group.sendMessage(userId, prepared.value))
    if (!sent.ok) return sent
    if (sent.value.created) this.#charge(groupId)
    return done({ message: this.#message(caller, groupId, sent.value.message), created: sent.value.created })
  }

  async getMessage(caller: Caller, groupId: string, messageId: string): Promise<Outcome<Message>> {
    const asked = await this.#ask(caller, groupId, (group, userId) => group.getMessage(userId, messageId))
    if (!asked.ok) return asked
    return done(toMessage(this.#wire(caller, groupId), asked.value.message, asked.value.readByAllId))
  }

  async listMessages(
    caller: Caller,
    groupId: string,
    query: { anchor: Anchor; limit: number; hasAttachments: boolean },
  ): Promise<Outcome<MessagesPage>> {
    const asked = await this.#ask(caller, groupId, (group, userId) => group.listMessages(userId, query))
    if (!asked.ok) return asked
    const wire = this.#wire(caller, groupId)
    const { items, next, readByAllId } = asked.value
    return done(
      jsonText({
        items: items.map((message) => toMessage(wire, message, readByAllId)),
        nextCursor: next === null ? null : encodeCursor(next),
      }),
    )
  }

  /** `metadata` is JSON, or undefined if it stays. */
  async editMessage(caller: Caller, groupId: string, messageId: string, edit: Omit<GroupEdit, 'waitSeconds'>) {
    const input = { ...edit, waitSeconds: this.#waitSeconds() }
    return this.#changed(caller, groupId, (group, userId) => group.editMessage(userId, messageId, input))
  }

  async deleteMessage(
    caller: Caller,
    groupId: string,
    messageId: string,
    scope: 'me' | 'everyone',
  ): Promise<Outcome<null>> {
    const wait = this.#waitSeconds()
    const asked = await this.#ask(caller, groupId, (group, id) => group.deleteMessage(id, messageId, scope, wait))
    if (!asked.ok) return asked
    if (asked.value) this.#charge(groupId)
    return done(null)
  }

  react(caller: Caller, groupId: string, messageId: string, emoji: string, isOn: boolean) {
    const reacting = { emoji, isOn, waitSeconds: this.#waitSeconds() }
    return this.#changed(caller, groupId, (group, userId) => group.react(userId, messageId, reacting))
  }

  async markRead(caller: Caller, groupId: string, upToMessageId: string): Promise<Outcome<Chat>> {
    const { readMarkRate, quotas } = this.#store.context()
    const wait = readMarkRate.wait(quotas.readMarkRate, Date.now())
    const asked = await this.#ask(caller, groupId, (group, userId) => group.markRead(userId, upToMessageId, wait))
    if (!asked.ok) return asked
    if (asked.value.changed) readMarkRate.take(quotas.readMarkRate, Date.now())
    const row = this.#store.groups.member(groupId)
    if (row?.marked_unread)
      this.#store.write(({ groups, now }) => groups.saveVisible({ ...row, marked_unread: 0 }, now))
    return this.#shown(caller, groupId, done(asked.value.head))
  }

  clear(caller: Caller, groupId: string): Promise<Outcome<null>> {
    return this.#ask(caller, groupId, (group, userId) => group.clear(userId))
  }

  async listChanges(
    caller: Caller,
    groupId: string,
    position: GroupPosition | null,
    size: PageSize,
  ): Promise<Outcome<GroupChanges>> {
    const asked = await this.#ask(caller, groupId, (group, userId) => group.listChanges(userId, position, size))
    if (!asked.ok) return asked
    return done(toGroupChanges(this.#wire(caller, groupId), asked.value, this.#store.groups.member(groupId)))
  }

  typing(caller: Caller, groupId: string): Promise<Outcome<null>> {
    return this.#ask(caller, groupId, (group, userId) => group.typing(userId))
  }

  /** A file of a group that the owner is not in does not exist either. */
  async readFile(caller: Caller, groupId: string, fileId: string): Promise<Outcome<FileMetadata>> {
    const asked = await this.#ask(caller, groupId, (group, userId) => group.readFile(userId, fileId))
    return !asked.ok && asked.code === 'chat_not_found' ? refuse('file_not_found') : asked
  }

  /** For whoever has a link that was made for the owner. */
  async readLinkedFile(groupId: string, fileId: string): Promise<Outcome<FileMetadata>> {
    const { isLive, isGone, userId } = this.#store
    if (!isLive || isGone) return refuse('file_not_found')
    const answer = await this.#call(groupId, (group) => group.readFile(userId, fileId))
    return answer?.ok ? answer : refuse(answer === null ? 'service_unavailable' : 'file_not_found')
  }

  /** A group on behalf of a live session. Learns from it if the owner is no longer in it. */
  async #ask<T>(
    caller: Caller,
    groupId: string,
    call: (group: GroupStub, userId: string) => Promise<Answer<T>>,
  ): Promise<Outcome<T>> {
    const live = this.#store.readAsCaller(caller, () => done(null))
    if (!live.ok) return live
    const answer = await this.#call(groupId, (group) => call(group, this.#store.userId))
    if (answer === null) return refuse('service_unavailable')
    if (!isOut(answer)) return answer
    if (this.#store.groups.member(groupId)) this.#store.write((context) => exit(context, groupId, answer.out))
    return refuse('chat_not_found')
  }

  async #call<T>(groupId: string, call: (group: GroupStub) => Promise<Answer<T>>): Promise<Answer<T> | null> {
    try {
      return await timeLimit(call(this.#groupOf(groupId)), limits.groupCallMs, 'A group did not answer in time')
    } catch (error) {
      events.groupCallFailed({ error })
      return null
    }
  }

  async #changed(
    caller: Caller,
    groupId: string,
    call: (group: GroupStub, userId: string) => ReturnType<GroupStub['react']>,
  ): Promise<Outcome<Message>> {
    const asked = await this.#ask(caller, groupId, call)
    if (!asked.ok) return asked
    if (asked.value.changed) this.#charge(groupId)
    return done(this.#message(caller, groupId, asked.value.message))
  }

  #message(caller: Caller, groupId: string, message: Parameters<typeof toMessage>[1]): Message {
    return toMessage(this.#wire(caller, groupId), message, null)
  }

  #shown(caller: Caller, groupId: string, head: Outcome<GroupHead>): Outcome<Chat> {
    if (!head.ok) return head
    return done(toChat(this.#wire(caller, groupId), head.value, this.#store.groups.member(groupId)))
  }

  #wire(caller: Caller, groupId: string): GroupWire {
    return this.#store.groupWire(caller.origin, groupId)
  }

  #waitSeconds(): number | null {
    const { sendRate, quotas, now } = this.#store.context()
    return sendRate.wait(quotas.sendRate, now)
  }

  /** What was sent counts. It is written once half of what may be sent at once is used up. */
  #charge(groupId: string) {
    const { sendRate, quotas, now } = this.#store.context()
    const bucket = sendRate.takeOne(quotas.sendRate, now)
    const row = this.#store.groups.member(groupId)
    if (row && bucket.left < quotas.sendRate.burst / 2)
      this.#store.write(({ groups }) => groups.save({ ...row, sends_left: bucket.left, sends_at: bucket.at }))
  }
}
