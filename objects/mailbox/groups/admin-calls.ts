import type { GroupBanShown } from '../../../schemas/group-ban'
import { done, type Outcome } from '../../durable/outcome'
import type { Caller } from '../context'
import type { MailboxStore } from '../store'
import type { GroupClient } from './group-client'
import { exit } from './rows'
import { toBan } from './to-wire'

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
}
