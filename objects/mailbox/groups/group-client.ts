import type { Chat } from '../../../schemas/chat'
import { events } from '../../../src/core/events'
import type { GroupHead } from '../../../src/core/group'
import { limits } from '../../../src/core/limits'
import { done, type Outcome, refuse } from '../../durable/outcome'
import { timeLimit } from '../../durable/time-limit'
import { type Answer, type GroupStub, isOut } from '../../group/shapes'
import type { Caller } from '../context'
import type { MailboxStore } from '../store'
import { exit } from './rows'
import { type GroupWire, toChat } from './to-wire'

/** Calls groups on behalf of the owner of the mailbox. */
export class GroupClient {
  readonly #store: MailboxStore
  readonly #groupOf: (groupId: string) => GroupStub

  constructor(store: MailboxStore, groupOf: (groupId: string) => GroupStub) {
    this.#store = store
    this.#groupOf = groupOf
  }

  /**
   * Asks a group on behalf of a live session, for ten seconds at most. Refuses with `chat_not_found` if the owner is not in
   * it, and learns that; with `service_unavailable` if it does not answer.
   */
  async ask<T>(
    caller: Caller,
    groupId: string,
    call: (group: GroupStub, userId: string) => Promise<Answer<T>>,
  ): Promise<Outcome<T>> {
    const live = this.#store.readAsCaller(caller, () => done(null))
    if (!live.ok) return live
    const answer = await this.call(groupId, (group) => call(group, this.#store.userId))
    if (answer === null) return refuse('service_unavailable')
    if (!isOut(answer)) return answer
    if (this.#store.groups.member(groupId)) this.#store.write((context) => exit(context, groupId, answer.out))
    return refuse('chat_not_found')
  }

  /** The answer of a group, null if it gives none. */
  async call<T>(groupId: string, call: (group: GroupStub) => Promise<Answer<T>>): Promise<Answer<T> | null> {
    try {
      return await timeLimit(call(this.#groupOf(groupId)), limits.groupCallMs, 'A group did not answer in time')
    } catch (error) {
      events.groupCallFailed({ error })
      return null
    }
  }

  /** How a group is shown to a caller. */
  wire(caller: Caller, groupId: string): GroupWire {
    return this.#store.groupWire(caller.origin, groupId)
  }

  /** The chat that a group's answer tells of. */
  chat(caller: Caller, groupId: string, head: Outcome<GroupHead>): Outcome<Chat> {
    if (!head.ok) return head
    return done(toChat(this.wire(caller, groupId), head.value, this.#store.groups.member(groupId)))
  }
}
