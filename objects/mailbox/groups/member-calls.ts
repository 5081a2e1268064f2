import type { Chat, ChatSettings } from '../../../schemas/chat'
import type { GroupDraft, GroupMemberShown } from '../../../schemas/group'
import type { GroupRole } from '../../../src/core/group'
import { done, type Outcome } from '../../durable/outcome'
import type { Added, ExpectedPicture, GroupChange } from '../../group/shapes'
import type { Caller } from '../context'
import type { MailboxStore } from '../store'
import { begin, chargeAdds, defined } from './create-group'
import type { GroupClient } from './group-client'
import { withGroupSettings } from './group-settings'
import { exit, learn } from './rows'
import { toMember } from './to-wire'

export type CreatedGroup = { chat: Chat } & Added

/**
 * What the owner does with groups and their members: each call is checked here, for its session and its limits, and carried
 * out by the group, which decides what its members may.
 */
export class GroupMemberCalls {
  readonly #store: MailboxStore
  readonly #client: GroupClient

  constructor(store: MailboxStore, client: GroupClient) {
    this.#store = store
    this.#client = client
  }

  /** Creates a group, once for each `clientGroupId`, and then adds members. */
  async create(caller: Caller, input: GroupDraft): Promise<Outcome<CreatedGroup>> {
    const begun = this.#store.asCaller(caller, (context) => begin(context, input))
    if (!begun.ok) return begun
    const { groupId, actor } = begun.value
    const { title, about = null, settings = {}, memberIds = [] } = input
    const group = { title, about: about || null, settings: defined(settings) }
    const created = await this.#client.ask(caller, groupId, (stub) => stub.create(actor, group))
    if (!created.ok) return created
    this.#store.write((context) => learn(context, groupId, created.value, true))
    const nobody: Added = { added: [], toInvite: [], unreachable: [], banned: [] }
    const added = memberIds.length > 0 ? await this.addMembers(caller, groupId, memberIds) : done(nobody)
    if (!added.ok) return added
    const chat = await this.getChat(caller, groupId)
    return chat.ok ? done({ chat: chat.value, ...added.value }) : chat
  }

  async getChat(caller: Caller, groupId: string): Promise<Outcome<Chat>> {
    return this.#client.chat(
      caller,
      groupId,
      await this.#client.ask(caller, groupId, (group, userId) => group.getHead(userId)),
    )
  }

  async update(caller: Caller, groupId: string, change: GroupChange): Promise<Outcome<Chat>> {
    const asked = await this.#client.ask(caller, groupId, (group, userId) => group.update(userId, change))
    return this.#client.chat(caller, groupId, asked)
  }

  expectPicture(caller: Caller, groupId: string, expected: ExpectedPicture): Promise<Outcome<{ isShown: boolean }>> {
    return this.#client.ask(caller, groupId, (group, userId) => group.expectPicture(userId, expected))
  }

  /** The owner's own settings of a group are kept here. */
  async updateSettings(caller: Caller, groupId: string, settings: ChatSettings): Promise<Outcome<Chat>> {
    const head = await this.#client.ask(caller, groupId, (group, userId) => group.getHead(userId))
    if (!head.ok) return head
    const saved = this.#store.asCaller(caller, ({ groups, now }) => {
      const row = groups.member(groupId)
      if (row) withGroupSettings(groups, row, { settings, head: head.value }, now)
      return done(null)
    })
    return saved.ok ? this.#client.chat(caller, groupId, head) : saved
  }

  async listMembers(caller: Caller, groupId: string, after: string | null, limit: number, left: boolean) {
    const asked = await this.#client.ask(caller, groupId, (group, id) => group.listMembers(id, after, limit, left))
    if (!asked.ok) return asked
    const wire = this.#client.wire(caller, groupId)
    return done({ items: asked.value.items.map((member) => toMember(wire, member)), next: asked.value.next })
  }

  async addMembers(caller: Caller, groupId: string, userIds: string[]): Promise<Outcome<Added>> {
    const charged = this.#store.asCaller(caller, (context) => chargeAdds(context, userIds.length))
    if (!charged.ok) return charged
    return this.#client.ask(caller, groupId, (group, userId) => group.addMembers(userId, userIds))
  }

  removeMember(caller: Caller, groupId: string, removed: string): Promise<Outcome<null>> {
    return this.#client.ask(caller, groupId, (group, userId) => group.removeMember(userId, removed))
  }

  async setRole(caller: Caller, groupId: string, member: string, role: GroupRole): Promise<Outcome<GroupMemberShown>> {
    const asked = await this.#client.ask(caller, groupId, (group, userId) => group.setRole(userId, member, role))
    return asked.ok ? done(toMember(this.#client.wire(caller, groupId), asked.value)) : asked
  }

  async leave(caller: Caller, groupId: string): Promise<Outcome<null>> {
    const left = await this.#client.ask(caller, groupId, (group, userId) => group.leave(userId))
    if (left.ok) this.#store.write((context) => exit(context, groupId, left.value))
    return left.ok ? done(null) : left
  }
}
