import { limits } from '../../../src/core/limits'
import type { GroupRow } from '../tables/groups'

/** Down from `before`, the next hits are before `rest`. */
interface Stretch {
  before: string
  rest: string
}

/** True as long as the group has not changed. */
interface Known extends Stretch {
  checked: number
}

/**
 * What the last searches in all chats have learned of groups, so that the next page does not ask all of them again.
 * Forgetting it costs calls and nothing else.
 */
export class SearchMemory {
  readonly #searches = new Map<string, Map<string, Known>>()

  /** Before which id a group can have hits that are before another; null if nothing is known of it. */
  restOf(search: string, { group_id, checked, dirty }: GroupRow, before: string): string | null {
    const known = this.#searches.get(search)?.get(group_id)
    if (!known || known.checked !== checked || dirty === 1 || before > known.before) return null
    return known.rest
  }

  /** Notes what was learned of a group, as the mailbox knew it when it was asked. */
  learn(search: string, { groupId, checked }: { groupId: string; checked: number }, { before, rest }: Stretch) {
    const groups = this.#searches.get(search) ?? new Map<string, Known>()
    this.#searches.delete(search)
    this.#searches.set(search, groups)
    groups.set(groupId, { checked, before, rest })
    const [oldest] = this.#searches.keys()
    if (this.#searches.size > limits.groupSearchesKept && oldest !== undefined) this.#searches.delete(oldest)
  }
}
