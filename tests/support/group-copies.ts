import type { Changes } from '../../schemas/changes'
import type { GroupChanges } from '../../schemas/group-changes'
import type { GroupChangesFrame } from '../../schemas/realtime'
import { GroupCopy } from './group-copy.ts'

/** The answer to a request for a group's changes: a page; `out` if there is no such group; null if there was none. */
export type Fetched = GroupChanges | 'out' | null

export type FetchGroup = (groupId: string, cursor: string | undefined) => Promise<Fetched>

const pauseMs = 20
const refusedMax = 3
const pause = () => new Promise((resolve) => setTimeout(resolve, pauseMs))

/**
 * A device's copies of its user's groups. It is told of both levels: that groups have changed, and frames of them; it
 * fetches what it is behind with. The first level alone says which groups there are.
 */
export class GroupCopies {
  readonly copies = new Map<string, GroupCopy>()
  readonly counts = { applied: 0, ignored: 0, behind: 0, fetches: 0 }
  readonly #userId: string
  readonly fetch: FetchGroup
  readonly #fetching = new Map<string, Promise<void>>()

  constructor(userId: string, fetch: FetchGroup) {
    this.#userId = userId
    this.fetch = fetch
  }

  /** The first level: what has changed, and which groups the user is no longer in. */
  takeChanges({ reset, chats, left }: Pick<Changes, 'reset' | 'chats' | 'left'>) {
    if (reset) this.forget()
    for (const groupId of left) this.#leave(groupId)
    for (const { id, kind, version } of chats) if (kind === 'group') this.#hear(id, version ?? 0)
  }

  takeFrame(frame: GroupChangesFrame) {
    const use = this.#copy(frame.chatId).takeFrame(frame)
    this.counts[use]++
    if (use === 'behind') this.#catchUp(frame.chatId)
  }

  /** Fetches what was not answered before, as after a new connection. Resolves once nothing more can be fetched. */
  async catchUp() {
    await Promise.all([...this.copies.keys()].map((groupId) => this.#catchUp(groupId)))
  }

  forget() {
    for (const groupId of [...this.copies.keys()]) this.#leave(groupId)
  }

  #leave(groupId: string) {
    this.copies.get(groupId)?.forget()
    this.copies.delete(groupId)
    this.#fetching.delete(groupId)
  }

  #copy(groupId: string): GroupCopy {
    const known = this.copies.get(groupId)
    if (known) return known
    const copy = new GroupCopy(this.#userId)
    this.copies.set(groupId, copy)
    return copy
  }

  #hear(groupId: string, version: number) {
    const copy = this.#copy(groupId)
    copy.known = Math.max(copy.known, version)
    if (copy.isBehind) this.#catchUp(groupId)
  }

  #catchUp(groupId: string): Promise<void> {
    const running = this.#fetching.get(groupId)
    if (running) return running
    const copy = this.copies.get(groupId)
    if (!copy?.isBehind) return Promise.resolve()
    const fetching = this.#fetchAll(groupId, copy).finally(() => {
      if (this.#fetching.get(groupId) === fetching) this.#fetching.delete(groupId)
    })
    this.#fetching.set(groupId, fetching)
    return fetching
  }

  /**
   * Until it has everything that it has heard of; what was asked for before the user left is dropped. While the first level
   * still shows a group that is not found, they may have come back to it: it is asked for again.
   */
  async #fetchAll(groupId: string, copy: GroupCopy) {
    const { life } = copy
    for (let refused = 0; copy.isBehind && copy.life === life && refused < refusedMax; ) {
      this.counts.fetches++
      const page = await this.fetch(groupId, copy.cursor)
      if (copy.life !== life || page === null) return
      if (page !== 'out') copy.take(page)
      else if (++refused < refusedMax) await pause()
    }
  }
}
