import type { Message } from '../../../schemas/message'
import { done, type Outcome } from '../../durable/outcome'
import type { Page } from '../../durable/page'
import type { Caller } from '../context'
import type { GroupClient } from './group-client'
import { toMessage } from './to-wire'

/** What the owner does with the pinned messages of groups. */
export class GroupPinCalls {
  readonly #client: GroupClient

  constructor(client: GroupClient) {
    this.#client = client
  }

  async pin(caller: Caller, groupId: string, messageId: string): Promise<Outcome<Message>> {
    const asked = await this.#client.ask(caller, groupId, (group, userId) => group.pin(userId, messageId))
    if (!asked.ok) return asked
    return done(toMessage(this.#client.wire(caller, groupId), asked.value.message, asked.value.readByAllId))
  }

  unpin(caller: Caller, groupId: string, messageId: string): Promise<Outcome<null>> {
    return this.#client.ask(caller, groupId, (group, userId) => group.unpin(userId, messageId))
  }

  async list(
    caller: Caller,
    groupId: string,
    before: number | null,
    limit: number,
  ): Promise<Outcome<Page<Message, number>>> {
    const asked = await this.#client.ask(caller, groupId, (group, userId) => group.listPins(userId, before, limit))
    if (!asked.ok) return asked
    const { items, next, readByAllId } = asked.value
    const wire = this.#client.wire(caller, groupId)
    return done({ items: items.map((message) => toMessage(wire, message, readByAllId)), next })
  }
}
