import type { Chat } from '../../schemas/chat'
import type { GroupChanges } from '../../schemas/group-changes'
import type { Message } from '../../schemas/message'
import type { GroupChangesFrame } from '../../schemas/realtime'

/** What a frame was good for. */
export type FrameUse = 'applied' | 'ignored' | 'behind'

const byId = ([a]: [string, unknown], [b]: [string, unknown]) => (a < b ? -1 : 1)

/**
 * A client's copy of one group, kept by the rules of the page on realtime and nothing else: from pages of its changes and
 * from frames.
 */
export class GroupCopy {
  readonly userId: string
  readonly messages = new Map<string, Message>()
  readonly members = new Map<string, GroupChanges['members'][number]>()
  chat: Chat | null = null
  cursor: string | undefined
  /** The version that it holds completely; -1 before the first page. */
  held = -1
  /** The greatest version that it has heard of. */
  known = 0
  /** The oldest message of the last fresh start: older ones are loaded by pages of messages. */
  from = ''
  /** Counts how often it was forgotten: an answer to what was asked before that is dropped. */
  life = 0
  #hasMore = false

  constructor(userId: string) {
    this.userId = userId
  }

  /** Whether there is something to fetch. */
  get isBehind(): boolean {
    return this.known > this.held || this.#hasMore
  }

  /** Takes the answer to a request that was made in this life of the copy. */
  take({ reset, messages, removed, members, chat, cursor, hasMore }: GroupChanges) {
    const version = chat.version ?? 0
    if (version <= this.held && !this.#hasMore) return
    if (reset) this.#clear()
    if (reset) this.from = messages.map(({ id }) => id).toSorted()[0] ?? ''
    this.#apply({ messages, removed, members }, chat)
    this.cursor = cursor
    this.#hasMore = hasMore
    if (!hasMore) this.held = version
    this.known = Math.max(this.known, version)
  }

  takeFrame({ from, version, chat, changes, cursor }: GroupChangesFrame): FrameUse {
    if (version <= this.held) return 'ignored'
    this.known = Math.max(this.known, version)
    if (changes === null || this.held < from || this.#hasMore) return 'behind'
    this.#apply(changes, chat)
    this.cursor = cursor
    this.held = version
    return 'applied'
  }

  /** The user is no longer in the group. */
  forget() {
    this.#clear()
    this.cursor = undefined
    this.held = -1
    this.known = 0
    this.#hasMore = false
    this.life++
  }

  /** What it shows, in the order of ids: the status of an own message follows from the chat. */
  shown() {
    const readUpTo = this.chat?.readUpToMessageId ?? ''
    const statusOf = ({ id, status }: Message) => status && (id <= readUpTo ? ('read' as const) : ('sent' as const))
    return {
      chat: this.chat,
      messages: [...this.messages].sort(byId).map(([, message]) => ({ ...message, status: statusOf(message) })),
      members: [...this.members].sort(byId).flatMap(([, member]) => (member.left ? [] : [member])),
    }
  }

  #apply({ messages, removed, members }: Pick<GroupChanges, 'messages' | 'removed' | 'members'>, chat: Chat) {
    for (const message of messages) if (message.id >= this.from) this.messages.set(message.id, message)
    for (const { messageId } of removed) this.messages.delete(messageId)
    for (const member of members) this.members.set(member.user.id, member)
    const clearedUpTo = chat.clearedUpTo?.own ?? ''
    for (const id of this.messages.keys()) if (id <= clearedUpTo) this.messages.delete(id)
    this.chat = chat
  }

  #clear() {
    this.messages.clear()
    this.members.clear()
    this.chat = null
    this.from = ''
  }
}
