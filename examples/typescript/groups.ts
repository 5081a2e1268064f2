// Fetches what a device lacks of its groups, a few groups at a time, while there is a connection.
import type { Ask } from './frames.js'
import { jitter, Pauses } from './pauses.js'
import { Refused } from './problem.js'
import { guarded, type OnError, report } from './report.js'
import type { AckFrame, Changes, GroupChangesFrame } from './schema.js'
import type { Store } from './store.js'
import { defaultTiming, type Timing } from './timing.js'

const atOnce = 4

export interface GroupsOptions {
  store: Store
  ask: (frame: Ask) => Promise<AckFrame>
  /** `now`: only groups that were opened are followed. */
  from?: 'now' | undefined
  /** Told of what the store rejects with. By default, as an uncaught error. */
  onError?: OnError | undefined
  timing?: Partial<Timing> | undefined
}

export class Groups {
  readonly #options: GroupsOptions
  readonly #timing: Timing
  readonly #onError: OnError
  readonly #pauses = new Pauses()
  /** Groups to fetch, in the order in which they were found to be behind. */
  readonly #waiting = new Set<string>()
  readonly #running = new Set<string>()
  #isConnected = false

  constructor(options: GroupsOptions) {
    this.#options = options
    this.#timing = { ...defaultTiming, ...options.timing }
    this.#onError = guarded(options.onError ?? report)
  }

  /** There is a connection: fetches what was missed. */
  async resume() {
    this.#isConnected = true
    await this.#note(await this.#options.store.groupsBehind())
  }

  /** There is no connection: what is lacking is fetched with the next one. */
  pause() {
    this.#isConnected = false
    this.#waiting.clear()
    this.#pauses.skip()
  }

  /** Retries at once instead of waiting. */
  wake() {
    this.#pauses.skip()
  }

  /** Applies a frame, and fetches the group if the frame does not follow on what is held. */
  async apply(frame: GroupChangesFrame) {
    if (await this.#options.store.applyGroup(frame)) await this.#note([frame.chatId])
  }

  /** Looks for groups that have changed on a page that was applied. */
  async applied({ chats }: Changes) {
    if (!chats.some(({ kind }) => kind === 'group')) return
    const changed = new Set(chats.map(({ id }) => id))
    await this.#note((await this.#options.store.groupsBehind()).filter((chatId) => changed.has(chatId)))
  }

  async #note(chatIds: string[]) {
    const { from, store } = this.#options
    for (const chatId of chatIds) {
      const isFollowed = from !== 'now' || (await store.group(chatId)) !== undefined
      if (isFollowed && this.#isConnected) this.#waiting.add(chatId)
    }
    this.#fill()
  }

  #fill() {
    for (const chatId of this.#waiting) {
      if (this.#running.size >= atOnce) return
      // It is looked at again when what is under way has ended.
      if (this.#running.has(chatId)) continue
      this.#waiting.delete(chatId)
      this.#running.add(chatId)
      void this.#fetchAll(chatId).finally(() => {
        this.#running.delete(chatId)
        this.#fill()
      })
    }
  }

  /** Page by page, until nothing is lacking, the group is gone, or the connection is. */
  async #fetchAll(chatId: string) {
    for (let failures = 0; this.#isConnected; ) {
      const outcome = await this.#fetchPage(chatId).catch((error: unknown) => ({ error }))
      if (outcome === 'behind') failures = 0
      else if (outcome === 'done' || !isWorthRetry(outcome.error)) return
      else await this.#pauses.wait(Math.max(jitter(failures++, this.#timing), leastMsOf(outcome.error)))
    }
  }

  async #fetchPage(chatId: string): Promise<'behind' | 'done'> {
    const { store, ask } = this.#options
    const asked = store.forgotten
    const cursor = (await this.#reported(store.group(chatId)))?.cursor
    const { groupChanges } = await ask({ type: 'getGroupChanges', chatId, ...(cursor !== undefined && { cursor }) })
    if (typeof groupChanges?.cursor !== 'string') throw new Error('The response is no page of changes.')
    const isBehind = await this.#reported(store.applyGroup({ page: groupChanges, askedFrom: cursor }, asked))
    if (isBehind) return 'behind'
    // What was forgotten meanwhile may have been of other chats.
    const isOvertaken = asked !== store.forgotten && (await store.groupsBehind()).includes(chatId)
    return isOvertaken ? 'behind' : 'done'
  }

  #reported<T>(stored: Promise<T>): Promise<T> {
    stored.catch(this.#onError)
    return stored
  }
}

/** Not for a group that the user is no longer in, nor for anything else that is refused for good. */
const isWorthRetry = (error: unknown) => !(error instanceof Refused) || error.passes

const leastMsOf = (error: unknown) => (error instanceof Refused ? error.retryAfterMs : 0)
