import { toGroupUser } from '../../../schemas/group'
import type { Receipt } from '../../../schemas/receipt'
import type { ReactionsQuery } from '../../../schemas/user-reaction'
import { done, type Outcome } from '../../durable/outcome'
import type { ReactionsPage } from '../chats/reactions'
import type { ReceiptsPage } from '../chats/receipts'
import type { Caller } from '../context'
import type { GroupClient } from './group-client'

/** Lists about the messages of groups, which the groups keep: each call is checked here, for its session. */
export class GroupMessageLists {
  readonly #client: GroupClient

  constructor(client: GroupClient) {
    this.#client = client
  }

  async listReceipts(
    caller: Caller,
    groupId: string,
    messageId: string,
    after: string | null,
    limit: number,
  ): Promise<Outcome<ReceiptsPage>> {
    const asked = await this.#client.ask(caller, groupId, (group, userId) =>
      group.listReceipts(userId, messageId, after, limit),
    )
    if (!asked.ok) return asked
    const { avatarLink } = this.#client.wire(caller, groupId)
    const items = asked.value.items.map(
      ({ profile, isRead }): Receipt => ({ user: toGroupUser(profile, avatarLink), status: isRead ? 'read' : 'sent' }),
    )
    return done({ items, next: asked.value.next })
  }

  async listReactions(
    caller: Caller,
    groupId: string,
    messageId: string,
    query: ReactionsQuery,
  ): Promise<Outcome<ReactionsPage>> {
    const asked = await this.#client.ask(caller, groupId, (group, userId) =>
      group.listReactions(userId, messageId, query),
    )
    if (!asked.ok) return asked
    const { avatarLink } = this.#client.wire(caller, groupId)
    const items = asked.value.items.map(({ profile, emoji }) => ({ user: toGroupUser(profile, avatarLink), emoji }))
    return done({ items, next: asked.value.next })
  }
}
