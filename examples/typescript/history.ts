import type { ApiClient } from './client.js'
import { answer } from './problem.js'
import type { Message } from './schema.js'
import { messagesOf, type State } from './state.js'
import type { Store } from './store.js'

interface HistoryOptions {
  http: ApiClient['http']
  store: Store
}

/** How far back the messages of a chat were loaded without a gap. */
interface Reach {
  /** The oldest message that was loaded, or an empty string if there is none. */
  oldestId: string
  hasMore: boolean
}

/**
 * Loads what a screen shows of a store that has no full copy: with `from: 'now'`, or while a full copy arrives. Load after
 * a `changes` frame with `reset`, and again after each later one, which empties the store. Each call rejects as `answer`
 * does.
 */
export class History {
  readonly #http: ApiClient['http']
  readonly #store: Store
  readonly #reach = new Map<string, Reach>()
  #resets = -1

  constructor({ http, store }: HistoryOptions) {
    this.#http = http
    this.#store = store
  }

  /** Loads the chat list, or its first `pagesMax` pages of 50 chats. */
  async loadChats(pagesMax = Number.POSITIVE_INFINITY) {
    const { resets } = this.#store
    let cursor: string | null | undefined
    for (let pages = 0; pages < pagesMax && cursor !== null; pages++) {
      const query = { limit: 50, ...(cursor && { cursor }) }
      const { items, nextCursor } = await answer(this.#http.GET('/v1/chats', { params: { query } }))
      await this.#store.load({ chats: items }, resets)
      cursor = nextCursor
    }
  }

  /** Loads the newest page of a chat or, if that was loaded, the one before what was. Resolves to whether more follow. */
  async loadMessages(chatId: string): Promise<boolean> {
    const { resets } = this.#store
    const reach = this.#reachOf(chatId)
    if (reach && !reach.hasMore) return false
    const query = { limit: 50, ...(reach && { before: reach.oldestId }) }
    const params = { path: { chatId }, query }
    const { items, nextCursor } = await answer(this.#http.GET('/v1/chats/{chatId}/messages', { params }))
    await this.#store.load({ messages: items }, resets)
    const hasMore = nextCursor !== null
    const oldestId = items.at(-1)?.id ?? reach?.oldestId ?? ''
    if (resets === this.#store.resets) this.#reach.set(chatId, { oldestId, hasMore })
    return hasMore
  }

  /** The messages of a chat without a gap, oldest first: changes also bring single messages from further back. */
  messagesOf(state: State, chatId: string): Message[] {
    const oldestId = this.#reachOf(chatId)?.oldestId
    return oldestId === undefined ? [] : messagesOf(state, chatId).filter(({ id }) => id >= oldestId)
  }

  #reachOf(chatId: string): Reach | undefined {
    if (this.#resets !== this.#store.resets) this.#reach.clear()
    this.#resets = this.#store.resets
    return this.#reach.get(chatId)
  }
}
