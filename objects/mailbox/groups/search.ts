import type { MessageHit } from '../../../schemas/search'
import { firstIdAfter, isGroupId } from '../../../src/core/ids'
import { limits } from '../../../src/core/limits'
import { parseSearchPlace, type SearchPlace } from '../../../src/core/search-place'
import { done, type Outcome } from '../../durable/outcome'
import type { Page } from '../../durable/page'
import { snippetOf } from '../../durable/snippet'
import { waitAtMost } from '../../durable/time-limit'
import { type GroupMessagesFound, type GroupSearch, isOut } from '../../group/shapes'
import { type SearchQuery, searchMessages, stretchOf, wordsOfQuery } from '../chats/search'
import type { Caller, CallerContext } from '../context'
import type { MailboxStore } from '../store'
import type { GroupChecks } from './checks'
import type { GroupClient } from './group-client'
import { exit } from './rows'
import { type Hit, restAfter, type SearchLine, SearchLines } from './search-lines'
import { SearchMemory } from './search-memory'
import { toMessage } from './to-wire'

/** A page of hits; `complete` says whether all groups that it needed have answered. */
export type HitsPage = Page<MessageHit, string> & { complete: boolean }

interface Line extends SearchLine<MessageHit> {
  groupId: string
  /** Up to which change of the group the mailbox knew it when it was asked. */
  checked: number
}

/** What one page asks of groups. */
interface PageAsked {
  caller: Caller
  query: GroupSearch
  /** How many groups were asked. */
  asked: number
}

/** A search in all chats, after the mailbox has looked into its own. */
interface Begun {
  words: string[]
  from: string
  before: string
  own: Page<MessageHit, string>
}

/**
 * Searches in groups, and in all chats at once. Of many groups only those are asked that can have something for the page:
 * those with the newest messages first, until what is found is newer than anything that the others have.
 */
export class GroupSearches {
  readonly #store: MailboxStore
  readonly #client: GroupClient
  readonly #checks: GroupChecks
  readonly #memory = new SearchMemory()

  constructor(store: MailboxStore, client: GroupClient, checks: GroupChecks) {
    this.#store = store
    this.#client = client
    this.#checks = checks
  }

  search(caller: Caller, query: SearchQuery): Outcome<HitsPage> | Promise<Outcome<HitsPage>> {
    const { chatId } = query
    if (chatId !== null && isGroupId(chatId)) return this.#inGroup(caller, chatId, query)
    const place = parseSearchPlace(query.cursor)
    const begun = this.#store.asCaller(caller, (context) => begin(context, query, place))
    if (!begun.ok) return begun
    if (chatId === null && this.#store.groups.joined().length > 0)
      return this.#everywhere(caller, query, place, begun.value)
    return done({ ...begun.value.own, complete: true })
  }

  async #inGroup(caller: Caller, groupId: string, query: SearchQuery): Promise<Outcome<HitsPage>> {
    const words = wordsOfQuery(query.q)
    if (!words.ok) return words
    const stretch = stretchOf(query)
    const before = earlier(stretch.before, parseSearchPlace(query.cursor).before)
    const asked = { ...filtersOf(query, words.value), from: stretch.from, before }
    const found = await this.#client.ask(caller, groupId, (group, userId) => group.searchMessages(userId, asked))
    if (!found.ok) return found
    const hits = this.#hits(caller, groupId, words.value, found.value)
    return done({ items: hits.map(({ toItem }) => toItem()), next: found.value.next, complete: true })
  }

  async #everywhere(
    caller: Caller,
    query: SearchQuery,
    place: SearchPlace,
    { words, from, before, own }: Begun,
  ): Promise<Outcome<HitsPage>> {
    const key = JSON.stringify([words, query.senderId, query.after, query.before, query.hasAttachments])
    const lines = new SearchLines<MessageHit>(place, query.limit)
    lines.add({
      groupId: null,
      before,
      rest: own.next ?? '',
      hits: own.items.map(toHit),
      isMissed: false,
      hasFailed: false,
    })
    const groups = this.#linesOf({ key, place, from, end: stretchOf(query).before })
    for (const line of groups) lines.add(line)
    const asked = { ...filtersOf(query, words), from, before }
    await this.#askInOrder([...groups], lines, { caller, query: asked, asked: 0 })
    return this.#store.readAsCaller(caller, () => {
      const { upTo, ...page } = lines.cut()
      for (const line of groups)
        if (line.hits !== null)
          this.#memory.learn(key, line, { before: earlier(upTo, line.before), rest: restAfter(line, upTo) })
      return done(page)
    })
  }

  /** The groups that can have hits for a page, those that can have the newest first. */
  #linesOf({ key, place, from, end }: { key: string; place: SearchPlace; from: string; end: string }): Line[] {
    const missed = new Map(place.missed.map(({ groupId, before }) => [groupId, before]))
    return this.#store.groups
      .joined()
      .map((row): Line => {
        const isMissed = missed.has(row.group_id)
        const before = earlier(missed.get(row.group_id) ?? place.before, end)
        const known = isMissed ? null : this.#memory.restOf(key, row, before)
        const rest = earlier(known ?? before, this.#newest(row.group_id))
        return { groupId: row.group_id, checked: row.checked, before, rest, hits: null, isMissed, hasFailed: false }
      })
      .filter(({ rest }) => rest > from)
      .sort(byTurn)
  }

  /** Sorts after every message of a group that the mailbox knows to be there. */
  #newest(groupId: string): string {
    const row = this.#row({ groupId })
    if (!row || this.#checks.isDueFor(row)) return row ? '~' : ''
    return row.last_message_id === '' ? '' : firstIdAfter('message', row.last_message_id)
  }

  #row({ groupId }: Pick<Line, 'groupId'>) {
    return this.#store.groups.member(groupId)
  }

  /** Asks until there is enough for the page, for two seconds at most: few at first, and then more and more at once. */
  async #askInOrder(waiting: Line[], lines: SearchLines<MessageHit>, page: PageAsked) {
    const until = Date.now() + limits.groupChecksMs
    const running = new Map<Line, Promise<void>>()
    let atOnce: number = limits.groupSearchesFirst
    while (!lines.isEnough()) {
      while (running.size < atOnce && mayAsk(waiting[0], page)) {
        const line = waiting.shift()
        if (!line) break
        const run = this.#checkAndAsk(line, waiting, page).catch(() => lines.miss(line))
        running.set(
          line,
          run.finally(() => running.delete(line)),
        )
      }
      const leftMs = until - Date.now()
      if (running.size === 0) return
      if (leftMs <= 0) {
        for (const line of running.keys()) lines.miss(line)
        return
      }
      await waitAtMost(leftMs, Promise.race(running.values()))
      atOnce = Math.min(atOnce + 1, limits.groupChecksAtOnce)
    }
  }

  /**
   * Asks a group that has changed how it looks first: it may have nothing new enough, and then waits until its turn.
   * Rejects if the group does not answer.
   */
  async #checkAndAsk(line: Line, waiting: Line[], page: PageAsked) {
    const row = this.#row(line)
    if (row && this.#checks.isDueFor(row)) {
      await this.#checks.check(line.groupId)
      line.rest = earlier(line.rest, this.#newest(line.groupId))
      if (line.rest < (waiting[0]?.rest ?? '')) {
        waiting.push(line)
        waiting.sort(byTurn)
        return
      }
    }
    page.asked++
    line.checked = this.#row(line)?.checked ?? 0
    if (line.rest === '') line.hits = []
    else await this.#ask(line, page)
  }

  async #ask(line: Line, { caller, query: asked }: PageAsked) {
    const { groupId, before } = line
    const query = { ...asked, before }
    const answer = await this.#client.call(groupId, (group) => group.searchMessages(this.#store.userId, query))
    if (answer?.ok) {
      line.hits = this.#hits(caller, groupId, query.words, answer.value)
      line.rest = answer.value.next ?? ''
      return
    }
    if (!answer || !isOut(answer)) throw new Error('A group did not answer a search')
    line.hits = []
    line.rest = ''
    if (this.#row(line)) this.#store.write((context) => exit(context, groupId, answer.out))
  }

  #hits(
    caller: Caller,
    groupId: string,
    words: string[],
    { items, readByAllId }: GroupMessagesFound,
  ): Hit<MessageHit>[] {
    const wire = this.#client.wire(caller, groupId)
    return items.map((message) => ({
      id: message.id,
      toItem: () => ({ ...toMessage(wire, message, readByAllId), snippet: snippetOf(message.text, words) }),
    }))
  }
}

const earlier = (a: string, b: string) => (a < b ? a : b)
/** Groups that an earlier page has missed come first. */
const byTurn = (a: Line, b: Line) => Number(b.isMissed) - Number(a.isMissed) || (a.rest > b.rest ? -1 : 1)
const toHit = (item: MessageHit): Hit<MessageHit> => ({ id: item.id, toItem: () => item })

const filtersOf = ({ senderId, hasAttachments, limit }: SearchQuery, words: string[]) => ({
  words,
  senderId,
  hasAttachments,
  limit,
})

/** Without the groups that can have hits right where the page begins, there would be no page. */
const mayAsk = (line: Line | undefined, { asked, query }: PageAsked) =>
  line !== undefined && (line.isMissed || line.rest >= query.before || asked < limits.groupSearchesMax)

/** Searches the mailbox itself. */
function begin(context: CallerContext, query: SearchQuery, place: SearchPlace): Outcome<Begun> {
  const words = wordsOfQuery(query.q)
  if (!words.ok) return words
  const stretch = stretchOf(query)
  const before = earlier(stretch.before, place.before)
  const begun = { words: words.value, from: stretch.from, before }
  if (before === '') return done({ ...begun, own: { items: [], next: null } })
  const own = searchMessages(context, { ...query, ...begun })
  return own.ok ? done({ ...begun, own: own.value }) : own
}
