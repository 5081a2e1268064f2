import type { GroupMemberShown } from '../../../schemas/group'
import type { GroupBanShown } from '../../../schemas/group-ban'
import type { GroupInviteShown } from '../../../schemas/group-invite'
import { done, type Outcome } from '../../durable/outcome'
import type { NewInvite } from '../../group/shapes'
import type { Caller } from '../context'
import type { MailboxStore } from '../store'
import type { GroupClient } from './group-client'
import { exit } from './rows'
import { toBan, toInvite, toJoinRequest, toMember } from './to-wire'

/** What owners and admins do to govern a group: each call is checked here for its session, and decided by the group. */
export class GroupAdminCalls {
  readonly #store: MailboxStore
  readonly #client: GroupClient

  constructor(store: MailboxStore, client: GroupClient) {
    this.#store = store
    this.#client = client
  }

  async end(caller: Caller, groupId: string): Promise<Outcome<null>> {
    const ended = await this.#client.ask(caller, groupId, (group, userId) => group.end(userId))
    if (!ended.ok) return ended
    this.#store.write((context) => exit(context, groupId, ended.value))
    return done(null)
  }

  async ban(caller: Caller, groupId: string, banned: string): Promise<Outcome<GroupBanShown>> {
    const asked = await this.#client.ask(caller, groupId, (group, userId) => group.ban(userId, banned))
    return asked.ok ? done(toBan(this.#client.wire(caller, groupId), asked.value)) : asked
  }

  unban(caller: Caller, groupId: string, banned: string): Promise<Outcome<null>> {
    return this.#client.ask(caller, groupId, (group, userId) => group.unban(userId, banned))
  }

  async listBans(caller: Caller, groupId: string, after: string | null, limit: number) {
    const asked = await this.#client.ask(caller, groupId, (group, userId) => group.listBans(userId, after, limit))
    if (!asked.ok) return asked
    const wire = this.#client.wire(caller, groupId)
    return done({ items: asked.value.items.map((one) => toBan(wire, one)), next: asked.value.next })
  }

  async createInvite(caller: Caller, groupId: string, invite: NewInvite): Promise<Outcome<GroupInviteShown>> {
    const asked = await this.#client.ask(caller, groupId, (group, userId) => group.createInvite(userId, invite))
    return asked.ok ? done(toInvite(groupId, asked.value)) : asked
  }

  async listInvites(caller: Caller, groupId: string, before: string | null, limit: number) {
    const asked = await this.#client.ask(caller, groupId, (group, userId) => group.listInvites(userId, before, limit))
    if (!asked.ok) return asked
    return done({ items: asked.value.items.map((one) => toInvite(groupId, one)), next: asked.value.next })
  }

  revokeInvite(caller: Caller, groupId: string, inviteId: string): Promise<Outcome<null>> {
    return this.#client.ask(caller, groupId, (group, userId) => group.revokeInvite(userId, inviteId))
  }

  async listRequests(caller: Caller, groupId: string, after: string | null, limit: number) {
    const asked = await this.#client.ask(caller, groupId, (group, userId) => group.listRequests(userId, after, limit))
    if (!asked.ok) return asked
    const wire = this.#client.wire(caller, groupId)
    return done({ items: asked.value.items.map((one) => toJoinRequest(wire, one)), next: asked.value.next })
  }

  async approveRequest(caller: Caller, groupId: string, requester: string): Promise<Outcome<GroupMemberShown>> {
    const asked = await this.#client.ask(caller, groupId, (group, userId) => group.approveRequest(userId, requester))
    return asked.ok ? done(toMember(this.#client.wire(caller, groupId), asked.value)) : asked
  }

  declineRequest(caller: Caller, groupId: string, requester: string): Promise<Outcome<null>> {
    return this.#client.ask(caller, groupId, (group, userId) => group.declineRequest(userId, requester))
  }
}
