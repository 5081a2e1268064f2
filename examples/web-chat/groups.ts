// The groups of the signed-in user, as the screen shows them. What the user does to them is in group-actions.ts.
import type { History } from '../typescript/history'
import type { Chat, GroupMember, Message } from '../typescript/schema'
import { membersOf } from '../typescript/state'
import { Observable } from './observable'
import { nameIn } from './people'
import type { WindowStore } from './window-storage'

const markPauseMs = 2_000

const roles = ['owner', 'admin', 'member']

export class Groups extends Observable {
  readonly #store: WindowStore
  readonly #history: History
  /** Groups of which older messages are being loaded. */
  readonly #loading = new Set<string>()
  readonly #markedAt = new Map<string, number>()
  readonly #markTimers = new Map<string, ReturnType<typeof setTimeout>>()

  constructor(store: WindowStore, history: History) {
    super()
    this.#store = store
    this.#history = history
  }

  /** Shows a group that was just created, before the change arrives. */
  opened(chat: Chat) {
    return this.#store.load({ chats: [chat] }, this.#store.forgotten)
  }

  /** Present members: the owner, then admins, then the others as they joined. */
  membersOf(groupId: string): GroupMember[] {
    return [...membersOf(this.#store.state, groupId).values()]
      .filter(({ left }) => !left)
      .sort((a, b) => roles.indexOf(a.role) - roles.indexOf(b.role) || a.joinedAt.localeCompare(b.joinedAt))
  }

  /** The names of members, present and former, as all members see them. */
  namesIn(groupId: string): ReadonlyMap<string, string> {
    return new Map([...membersOf(this.#store.state, groupId)].map(([id, { user }]) => [id, nameIn(user)]))
  }

  /** Whom the user can mention. */
  othersByName(groupId: string) {
    const me = this.#store.state.me?.id
    return this.membersOf(groupId)
      .map(({ user }) => ({ id: user.id, name: nameIn(user) }))
      .filter(({ id, name }) => id !== me && name !== '')
      .sort((a, b) => a.name.localeCompare(b.name))
  }

  /** The other members who have read a message; undefined in large groups, which do not tell. */
  readersOf({ chatId, id, senderId }: Message): GroupMember[] | undefined {
    const others = this.membersOf(chatId).filter(({ user }) => user.id !== senderId)
    if (others.every(({ lastReadMessageId }) => lastReadMessageId === null)) return undefined
    return others.filter(({ lastReadMessageId }) => (lastReadMessageId ?? '') >= id)
  }

  /** Whether there are older messages than those that are held. */
  hasOlder(groupId: string) {
    return this.#store.state.groups.get(groupId)?.hasMore ?? false
  }

  /** Loads a page of them, one at a time. */
  async loadOlder(groupId: string) {
    if (this.#loading.has(groupId) || !this.hasOlder(groupId)) return
    this.#loading.add(groupId)
    await this.#history.loadMessages(groupId).catch(() => {})
    this.#loading.delete(groupId)
  }

  /** Whether it is time to say again what was read. If not, there is a change when it is. */
  isMarkDue(groupId: string) {
    const now = performance.now()
    const dueAt = (this.#markedAt.get(groupId) ?? -markPauseMs) + markPauseMs
    if (now < dueAt) {
      clearTimeout(this.#markTimers.get(groupId))
      this.#markTimers.set(
        groupId,
        setTimeout(() => this.changed(), dueAt - now),
      )
      return false
    }
    this.#markedAt.set(groupId, now)
    return true
  }
}
