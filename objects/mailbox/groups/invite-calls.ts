import type { GroupInvitePreview, JoinedGroup } from '../../../schemas/group-invite'
import { readInviteCode } from '../../../src/core/invite-codes'
import { limits } from '../../../src/core/limits'
import { done, type Outcome, refuse } from '../../durable/outcome'
import type { Actor } from '../../group/shapes'
import type { Caller, CallerContext } from '../context'
import { spend } from '../limits/quotas'
import type { MailboxStore } from '../store'
import { actorOf } from './actor'
import type { GroupClient } from './group-client'
import { learn, noteRequest } from './rows'

/** What the owner does with invitations to groups that they are not in yet. */
export class GroupInviteCalls {
  readonly #store: MailboxStore
  readonly #client: GroupClient

  constructor(store: MailboxStore, client: GroupClient) {
    this.#store = store
    this.#client = client
  }

  async find(caller: Caller, code: string): Promise<Outcome<GroupInvitePreview>> {
    const { groupId, secret } = readInviteCode(code)
    const asked = await this.#client.ask(caller, groupId, (group, userId) => group.findInvitation(userId, secret))
    return asked.ok ? done({ groupId, ...asked.value }) : asked
  }

  /** Joins a group, or asks to. The answer of the group does not tell everything that has happened since. */
  async join(caller: Caller, code: string): Promise<Outcome<JoinedGroup>> {
    const { groupId, secret } = readInviteCode(code)
    const begun = this.#store.asCaller(caller, (context) => beginJoining(context, groupId))
    if (!begun.ok) return begun
    const asked = await this.#client.ask(caller, groupId, (group) => group.join(begun.value, secret))
    if (!asked.ok) return asked
    if (!this.#store.isLive) return refuse('session_ended')
    if (asked.value.standing === 'requested') {
      this.#store.write((context) => noteRequest(context, groupId))
      return done({ standing: 'requested', chat: null })
    }
    const { membership } = asked.value
    this.#store.write((context) => learn(context, groupId, membership, true))
    const chat = this.#client.chat(caller, groupId, done(membership.head))
    return chat.ok ? done({ standing: 'member', chat: chat.value }) : chat
  }
}

/** Whoever is in the group already is charged nothing. */
function beginJoining(context: CallerContext, groupId: string): Outcome<Actor> {
  const { groups, quotas } = context
  const actor = actorOf(context)
  if (!actor) return refuse('service_unavailable')
  if (groups.member(groupId)) return done(actor)
  if (groups.joined().length >= limits.groupsMax) return refuse('groups_full')
  const refused = spend(context, quotas.groupJoins, 1)
  return refused ? { ok: false, code: 'group_joins_exhausted', retryAfterSeconds: refused.afterSeconds } : done(actor)
}
