import type { Message } from '../../../schemas/message'
import { type Random, random } from '../../support/random.ts'
import type { Client } from './client.ts'

/** What a member does in groups, as weights. */
const habits = { send: 20, edit: 6, deleteForEveryone: 3, react: 6, markRead: 6, changeMembers: 4 }

const emoji = '👍'
const recentMessages = 20

/** A user's last acknowledged call about their membership, as far as the owner and they themselves have made one. */
interface MembershipCalls {
  /** The owner’s last call. Calls that overlap with one of the member’s own prove nothing. */
  last: { added: boolean; startedAt: number } | null
  leftAt: number
}

/** A group of the suite. Its owner stays; all others come and go. */
export interface CrashGroup {
  id: string
  owner: Client
  others: Client[]
  calls: Map<string, MembershipCalls>
}

/** What a member knows about a message of theirs in a group. */
export interface GroupSent {
  groupId: string
  clientMessageId: string
  /** Null unless it is acknowledged. */
  id: string | null
  /** The texts that it can have: more than one if the outcome of an edit is unknown. */
  texts: string[]
  /** Null if the outcome is unknown. */
  isDeleted: boolean | null
}

type Known = GroupSent & { id: string }

const isKnown = (sent: GroupSent): sent is Known => sent.id !== null

/**
 * What one user does in groups beside their chats. A call that was interrupted and is refused when it is repeated, because
 * the user is no longer a member, may have been carried out or not: then both is right.
 */
export class GroupLife {
  readonly client: Client
  readonly groups: readonly CrashGroup[]
  readonly sent: GroupSent[] = []
  /** Whether the user reacts to a message, as acknowledged; null if the outcome is unknown. */
  readonly reactions = new Map<string, boolean | null>()
  /** The furthest acknowledged read mark, by group. */
  readonly readMarks = new Map<string, string>()
  acknowledged = 0
  readonly #draw: Random

  constructor(client: Client, groups: readonly CrashGroup[], seed: number) {
    this.client = client
    this.groups = groups.filter(({ owner, others }) => owner === client || others.includes(client))
    this.#draw = random(seed)
  }

  /** Does one thing in one group. */
  async act() {
    const group = this.#draw.pick(this.groups)
    await this[this.#draw.weighted(habits)](group)
  }

  async send({ id: groupId }: CrashGroup) {
    const clientMessageId = `${this.client.id}-group-${this.sent.length}`
    const text = `group message ${clientMessageId}`
    const sent: GroupSent = { groupId, clientMessageId, id: null, texts: [text], isDeleted: false }
    this.sent.push(sent)
    const answer = await this.client.sendInGroup(groupId, { clientMessageId, text })
    if (!answer.ok) return
    sent.id = answer.body.id
    this.acknowledged++
  }

  async edit(group: CrashGroup) {
    const sent = this.#own(group)
    if (!sent) return
    const text = `edited ${sent.clientMessageId} ${this.#draw.below(1_000)}`
    const { status, repeated } = await this.client.call<Message>('PATCH', pathOf(group, sent.id), {
      body: { text },
      expected: [200, 404],
    })
    if (status === 200) sent.texts = [text]
    else if (repeated > 0) sent.texts.push(text)
  }

  async deleteForEveryone(group: CrashGroup) {
    const sent = this.#own(group)
    if (!sent) return
    const path = `${pathOf(group, sent.id)}?scope=everyone`
    const { status, repeated } = await this.client.call<null>('DELETE', path, { expected: [204, 404] })
    if (status === 204) sent.isDeleted = true
    else if (repeated > 0) sent.isDeleted = null
  }

  async react(group: CrashGroup) {
    const message = this.#recent(group)
    if (!message) return
    const isOn = this.#draw.below(3) > 0
    const path = `${pathOf(group, message.id)}/reactions/${encodeURIComponent(emoji)}`
    const { status, repeated } = await this.client.call<Message>(isOn ? 'PUT' : 'DELETE', path, {
      // Deleted, or no longer a member.
      expected: [200, 404, 409, 422],
    })
    if (status === 200) this.reactions.set(message.id, isOn)
    else if (repeated > 0) this.reactions.set(message.id, null)
  }

  async markRead(group: CrashGroup) {
    const message = this.#recent(group)
    if (!message) return
    const { status } = await this.client.call('PUT', `/v1/chats/${group.id}/read`, {
      body: { upToMessageId: message.id },
      expected: [200, 404],
    })
    const known = this.readMarks.get(group.id) ?? ''
    if (status === 200 && message.id > known) this.readMarks.set(group.id, message.id)
  }

  /** The owner adds and removes; everybody else leaves, now and then. */
  async changeMembers(group: CrashGroup) {
    if (group.owner === this.client) return this.#addOrRemove(group)
    if (this.#draw.below(3) > 0) return
    await this.client.call('POST', `/v1/groups/${group.id}/leave`, { expected: [204, 404] })
    callsOf(group, this.client.id).leftAt = performance.now()
  }

  async #addOrRemove({ id, others, calls }: CrashGroup) {
    const { id: userId } = this.#draw.pick(others)
    const startedAt = performance.now()
    const path = `/v1/groups/${id}/members`
    const added = this.#draw.below(4) > 0
    const { status, body } = added
      ? await this.client.call<{ added: string[] }>('POST', path, { body: { userIds: [userId] } })
      : await this.client.call<{ added: string[] }>('DELETE', `${path}/${userId}`, { expected: [204, 404] })
    const isSettled = added ? status === 200 && 'added' in body && body.added.includes(userId) : status < 500
    const known = calls.get(userId) ?? { last: null, leftAt: 0 }
    calls.set(userId, { ...known, last: isSettled ? { added, startedAt } : null })
  }

  /** A message that the member can see. */
  #recent({ id }: CrashGroup): Message | undefined {
    const messages = this.client.groups.copies.get(id)?.shown().messages ?? []
    const written = messages.filter(({ event, deletedAt }) => event === null && deletedAt === null)
    return written.length === 0 ? undefined : this.#draw.pick(written.slice(-recentMessages))
  }

  /** An own message that may still be there to change. */
  #own({ id }: CrashGroup): Known | undefined {
    const own = this.sent.filter(isKnown).filter(({ groupId, isDeleted }) => groupId === id && isDeleted === false)
    return own.length === 0 ? undefined : this.#draw.pick(own.slice(-recentMessages))
  }
}

function callsOf({ calls }: CrashGroup, userId: string): MembershipCalls {
  const known = calls.get(userId) ?? { last: null, leftAt: 0 }
  calls.set(userId, known)
  return known
}

const pathOf = ({ id }: CrashGroup, messageId: string) => `/v1/chats/${id}/messages/${messageId}`
