import type { Chat } from '../../../schemas/chat'
import type { GroupChanges } from '../../../schemas/group-changes'
import type { Message, OutgoingMessage } from '../../../schemas/message'
import { encodeCursor } from '../../../src/core/cursors'
import type { FileMetadata } from '../../../src/core/file-metadata'
import { jsonText } from '../../../src/core/json-text'
import type { ReportEvidence } from '../../../src/core/report-evidence'
import { done, type Outcome, refuse } from '../../durable/outcome'
import type { Anchor, GroupEdit, GroupPosition, GroupStub, PageSize } from '../../group/shapes'
import type { MessagesPage } from '../chats/message-pages'
import type { Caller } from '../context'
import type { MailboxStore } from '../store'
import type { GroupClient } from './group-client'
import { GroupMessageLists } from './message-lists'
import { GroupPinCalls } from './pin-calls'
import { prepareMessage } from './prepare-message'
import { toGroupChanges, toMessage } from './to-wire'

/**
 * What the owner writes and reads in groups: each call is checked here, for its session and its limits, and carried out by
 * the group, which decides what its members may.
 */
export class GroupMessageCalls {
  readonly #store: MailboxStore
  readonly #client: GroupClient
  readonly lists: GroupMessageLists
  readonly pins: GroupPinCalls

  constructor(store: MailboxStore, client: GroupClient) {
    this.#store = store
    this.#client = client
    this.lists = new GroupMessageLists(client)
    this.pins = new GroupPinCalls(client)
  }

  async sendMessage(caller: Caller, groupId: string, input: OutgoingMessage) {
    const prepared = this.#store.readAsCaller(caller, (context) => prepareMessage(context, input))
    if (!prepared.ok) return prepared
    const sent = await this.#client.ask(caller, groupId, (group, userId) => group.sendMessage(userId, prepared.value))
    if (!sent.ok) return sent
    if (sent.value.created) this.#charge(groupId)
    return done({ message: this.#message(caller, groupId, sent.value.message), created: sent.value.created })
  }

  async getMessage(caller: Caller, groupId: string, messageId: string): Promise<Outcome<Message>> {
    const asked = await this.#client.ask(caller, groupId, (group, userId) => group.getMessage(userId, messageId))
    if (!asked.ok) return asked
    return done(toMessage(this.#client.wire(caller, groupId), asked.value.message, asked.value.readByAllId))
  }

  async listMessages(
    caller: Caller,
    groupId: string,
    query: { anchor: Anchor; limit: number; hasAttachments: boolean },
  ): Promise<Outcome<MessagesPage>> {
    const asked = await this.#client.ask(caller, groupId, (group, userId) => group.listMessages(userId, query))
    if (!asked.ok) return asked
    const wire = this.#client.wire(caller, groupId)
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
    const asked = await this.#client.ask(caller, groupId, (group, id) =>
      group.deleteMessage(id, messageId, scope, wait),
    )
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
    const asked = await this.#client.ask(caller, groupId, (group, userId) =>
      group.markRead(userId, upToMessageId, wait),
    )
    if (!asked.ok) return asked
    if (asked.value.changed) readMarkRate.take(quotas.readMarkRate, Date.now())
    const row = this.#store.groups.member(groupId)
    if (row?.marked_unread)
      this.#store.write(({ groups, now }) => groups.saveVisible({ ...row, marked_unread: 0 }, now))
    return this.#client.chat(caller, groupId, done(asked.value.head))
  }

  clear(caller: Caller, groupId: string): Promise<Outcome<null>> {
    return this.#client.ask(caller, groupId, (group, userId) => group.clear(userId))
  }

  async listChanges(
    caller: Caller,
    groupId: string,
    position: GroupPosition | null,
    size: PageSize,
  ): Promise<Outcome<GroupChanges>> {
    const asked = await this.#client.ask(caller, groupId, (group, userId) => group.listChanges(userId, position, size))
    if (!asked.ok) return asked
    return done(toGroupChanges(this.#client.wire(caller, groupId), asked.value, this.#store.groups.member(groupId)))
  }

  typing(caller: Caller, groupId: string): Promise<Outcome<null>> {
    return this.#client.ask(caller, groupId, (group, userId) => group.typing(userId))
  }

  /** Copies of messages by another user, as the owner sees them now. */
  collectEvidence(
    caller: Caller,
    groupId: string,
    senderId: string,
    messageIds: string[],
  ): Promise<Outcome<ReportEvidence[]>> {
    return this.#client.ask(caller, groupId, (group, userId) => group.collectEvidence(userId, senderId, messageIds))
  }

  /** A file of a group that the owner is not in does not exist either. */
  async readFile(caller: Caller, groupId: string, fileId: string): Promise<Outcome<FileMetadata>> {
    const asked = await this.#client.ask(caller, groupId, (group, userId) => group.readFile(userId, fileId))
    return !asked.ok && asked.code === 'chat_not_found' ? refuse('file_not_found') : asked
  }

  /** For whoever has a link that was made for the owner. */
  async readLinkedFile(groupId: string, fileId: string): Promise<Outcome<FileMetadata>> {
    const { isLive, isGone, userId } = this.#store
    if (!isLive || isGone) return refuse('file_not_found')
    const answer = await this.#client.call(groupId, (group) => group.readFile(userId, fileId))
    return answer?.ok ? answer : refuse(answer === null ? 'service_unavailable' : 'file_not_found')
  }

  async #changed(
    caller: Caller,
    groupId: string,
    call: (group: GroupStub, userId: string) => ReturnType<GroupStub['react']>,
  ): Promise<Outcome<Message>> {
    const asked = await this.#client.ask(caller, groupId, call)
    if (!asked.ok) return asked
    if (asked.value.changed) this.#charge(groupId)
    return done(this.#message(caller, groupId, asked.value.message))
  }

  #message(caller: Caller, groupId: string, message: Parameters<typeof toMessage>[1]): Message {
    return toMessage(this.#client.wire(caller, groupId), message, null)
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
