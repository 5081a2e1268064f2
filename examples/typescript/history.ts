import type { ApiClient } from './client.js'
import { answer } from './problem.js'
import type { Message } from './schema.js'
import { isGroup, messagesOf, type State } from './state.js'
import { type Forgotten, isSame, type Store } from './store.js'

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
 * Loads what a screen shows of a store that has no full copy: with `from: 'now'`, or while a full copy arrives; and the
 * older messages of groups, of which no store has more than the newest. Load after a `changes` frame with `reset`, and
 * again after each later one, which empties the store. Each call rejects as `answer` does.
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
    let cursor: string | null | undefined
    for (let pages = 0; pages < pagesMax && cursor !== null; pages++) {
      const query = { limit: 50, ...(cursor && { cursor }) }
      const { nextCursor } = await this.#requested(
        () => answer(this.#http.GET('/v1/chats', { params: { query } })),
        ({ items }, asked) => this.#store.load({ chats: items }, asked),
      )
      cursor = nextCursor
    }
  }

  /** Loads the newest page of a chat or, if that was loaded, the one before what was. Resolves to whether more follow. */
  async loadMessages(chatId: string): Promise<boolean> {
    if (isGroup(chatId)) return this.#loadOfGroup(chatId)
    const reach = this.#reachOf(chatId)
    if (reach && !reach.hasMore) return false
    const { resets } = this.#store.forgotten
    const { items, nextCursor } = await this.#requested(
      () => this.#page(chatId, reach?.oldestId),
      (page, asked) => this.#store.load({ messages: page.items }, asked),
    )
    const hasMore = nextCursor !== null
    const oldestId = items.at(-1)?.id ?? reach?.oldestId ?? ''
    if (resets === this.#store.forgotten.resets) this.#reach.set(chatId, { oldestId, hasMore })
    return hasMore
  }

  /** A group is followed from its newest messages on: they come with its members, and the place where changes continue. */
  async #loadOfGroup(chatId: string): Promise<boolean> {
    const copy = await this.#store.group(chatId)
    if (!copy)
      await this.#requested(
        () => answer(this.#http.GET('/v1/groups/{groupId}/changes', { params: { path: { groupId: chatId } } })),
        (page, asked) => this.#store.applyGroup({ page, askedFrom: undefined }, asked),
      )
    else if (copy.hasMore)
      await this.#requested(
        () => this.#page(chatId, copy.oldestId),
        ({ items, nextCursor }, asked) =>
          this.#store.load({ messages: items, group: { chatId, asked: copy, hasMore: nextCursor !== null } }, asked),
      )
    return (await this.#store.group(chatId))?.hasMore ?? false
  }

  #page(chatId: string, before: string | undefined) {
    const params = { path: { chatId }, query: { limit: 50, ...(before !== undefined && { before }) } }
    return answer(this.#http.GET('/v1/chats/{chatId}/messages', { params }))
  }

  /** Requests and keeps a page; again if a group was left meanwhile, because then the store has not kept it. */
  async #requested<Page>(
    request: () => Promise<Page>,
    keep: (page: Page, asked: Forgotten) => Promise<unknown>,
  ): Promise<Page> {
    for (;;) {
      const asked = this.#store.forgotten
      const page = await request()
      await keep(page, asked)
      const { forgotten } = this.#store
      if (isSame(asked, forgotten) || asked.resets !== forgotten.resets) return page
    }
  }

  /** The messages of a chat without a gap, oldest first: changes also bring single messages from further back. */
  messagesOf(state: State, chatId: string): Message[] {
    if (isGroup(chatId)) return messagesOf(state, chatId)
    const oldestId = this.#reachOf(chatId)?.oldestId
    return oldestId === undefined ? [] : messagesOf(state, chatId).filter(({ id }) => id >= oldestId)
  }

  #reachOf(chatId: string): Reach | undefined {
    const { resets } = this.#store.forgotten
    if (this.#resets !== resets) this.#reach.clear()
    this.#resets = resets
    return this.#reach.get(chatId)
  }
}
