import type { Changes } from '../../../schemas/changes'
import { toMe } from '../../../schemas/user'
import { type Position, type StartingPoint, toChangesCursor } from '../../../src/core/cursors'
import { asJsonText, type JsonText, jsonList } from '../../../src/core/json-text'
import { limits } from '../../../src/core/limits'
import { ByteCount } from '../../durable/byte-count'
import { LastMessages } from '../chats/last-messages'
import { chatText, messageText } from '../chats/to-wire'
import { toBlockChange } from '../contacts/blocking'
import { toContactChange } from '../contacts/contacts'
import type { CallerContext } from '../context'
import { rowToChat } from '../groups/to-wire'
import type { ChatRow } from '../tables/chats'
import * as contacts from '../tables/contacts'
import { epoch as epochOf } from '../tables/epoch'
import { isCleared } from '../tables/messages'
import * as sessions from '../tables/sessions'
import { type ChangedMessage, changedMessagesAfter, type PageRow } from '../tables/shown-message'
import { type Item, ItemsInOrder, inParts } from './changes-order'

/**
 * What changed after a position, as state: each row once, with its latest number. The rows themselves carry the
 * numbers, so there is no log to trim and no position is too old. A position includes the epoch of the mailbox. A
 * restore from a backup renews the epoch, after which every earlier position means a full copy.
 */
export interface ChangesPage {
  text: JsonText<Changes>
  cursor: string
  at: Position
}

/** What a page is read from. */
interface Span {
  after: number
  /** A client that makes a full copy holds nothing that was removed up to this number. */
  copyUpTo: number
  limit: number
}

/** The lists of a page, and the profile. */
type Part = 'messages' | 'chats' | 'left' | 'removed' | 'contacts' | 'blocks' | 'sessions' | 'me'

type Shown<P extends Part> = Changes[P] extends (infer Item)[] ? Item : NonNullable<Changes[P]>

/** What belongs to a part of the page, as JSON. */
interface Entry {
  part: Part
  text: string
}

const entry = <P extends Part>(part: P, value: Shown<P>): Entry => ({ part, text: JSON.stringify(value) })

const readMessage = (context: CallerContext, row: ChangedMessage, chat: ChatRow): Entry =>
  row.hidden
    ? entry('removed', { chatId: row.chat_id, messageId: row.id })
    : { part: 'messages', text: messageText(context, row, chat) }

/**
 * Cleared messages are not told: their chat tells of them. They count only toward the rows read, of which a page has a
 * maximum. Messages that are the last of their chat are kept in `last`.
 */
function* changedMessages(
  context: CallerContext,
  { after, copyUpTo, limit }: Span,
  last: Map<string, ChangedMessage>,
): Generator<Item<Entry>> {
  let read = 0
  for (const row of inParts(after, limit, (from, count) => changedMessagesAfter(context.sql, from, count))) {
    const chat = context.chats.find(row.chat_id)
    if (chat && !isCleared(chat, row) && !(row.hidden && row.seq <= copyUpTo)) {
      if (chat.last_message_id === row.id) last.set(row.id, row)
      yield { seq: row.seq, read: () => readMessage(context, row, chat) }
    }
    if (++read < limits.changesRowsReadMax) continue
    yield { seq: row.seq, read: null }
    return
  }
}

function* changedChats(
  context: CallerContext,
  { after, limit }: Span,
  known: ReadonlyMap<string, PageRow>,
): Generator<Item<Entry>> {
  const last = new LastMessages(context.sql, context.chats.changedAfter(after), { known, limit })
  for (const chat of context.chats.changedAfter(after))
    yield { seq: chat.seq, read: () => ({ part: 'chats', text: chatText(context, chat, last.of(chat)) }) }
}

function* changedContacts(context: CallerContext, { after, limit }: Span): Generator<Item<Entry>> {
  const readContacts = (from: number, count: number) => ({
    rows: contacts.changedAfter(context.sql, from, count),
    isCut: false,
  })
  for (const row of inParts(after, limit, readContacts))
    yield { seq: row.seq, read: () => entry('contacts', toContactChange(context, row)) }
}

/** All that share the last number, or the page ends there. */
function* changedSessions(context: CallerContext, { after, limit }: Span): Generator<Item<Entry>> {
  const rows = sessions.changedAfter(context.sql, after, limit)
  for (const row of rows)
    yield { seq: row.seq, read: () => entry('sessions', sessions.toSessionChange(row, context.sessionId)) }
  const lastRow = rows.at(-1)
  if (lastRow && rows.length >= limit) yield { seq: lastRow.seq, read: null }
}

const changedBlocks = (context: CallerContext, after: number): Item<Entry>[] =>
  context.blocks
    .all()
    .filter((row) => row.seq > after)
    .sort((a, b) => a.seq - b.seq)
    .map((row) => ({ seq: row.seq, read: () => entry('blocks', toBlockChange(context, row)) }))

function changedMe(context: CallerContext, after: number): Item<Entry>[] {
  const own = context.profile.find()
  if (!own || own.seq <= after) return []
  return [{ seq: own.seq, read: () => entry('me', toMe(own, context.avatarLink)) }]
}

/** Groups as the mailbox last knew them, and those that the owner has left. */
function changedGroups(context: CallerContext, after: number): Item<Entry>[] {
  return context.groups.changedAfter(after).flatMap((row): Item<Entry>[] => {
    if (row.state === 'left' || row.state === 'requested')
      return [{ seq: row.seq, read: () => entry('left', row.group_id) }]
    const chat = rowToChat(context.groupWire(row.group_id), row)
    return chat ? [{ seq: row.seq, read: () => entry('chats', chat) }] : []
  })
}

/** What changed in all tables, in order. */
function changedItems(context: CallerContext, span: Span): ItemsInOrder<Entry> {
  const { after } = span
  if (after >= context.sequence.last) return new ItemsInOrder<Entry>([])
  const last = new Map<string, ChangedMessage>()
  return new ItemsInOrder([
    changedMessages(context, span, last),
    changedChats(context, span, last),
    changedContacts(context, span),
    changedSessions(context, span),
    changedGroups(context, after).values(),
    changedBlocks(context, after).values(),
    changedMe(context, after).values(),
  ])
}

/** Where a client's changes continue, or start. */
export interface ChangesStart {
  position: Position | null
  /** Applies if the position is null or cannot be continued from. */
  otherwise: StartingPoint
  /** Whether all groups have said what has changed. */
  isComplete?: boolean
}

/**
 * Returns the next page: at most `limit` rows, plus any that share the last number, and about a megabyte. A page that
 * starts from now is empty.
 */
export function changesPage(
  context: CallerContext,
  { position: from, otherwise, isComplete = true }: ChangesStart,
  limit: number,
) {
  const epoch = epochOf(context.values)
  // A cursor ahead of the mailbox is from a life of it that a restore undid.
  const reset = from === null || from.epoch !== epoch || from.seq > context.sequence.last
  const start = otherwise === 'now' ? context.sequence.last : 0
  const after = reset ? start : from.seq
  const copyUpTo = reset ? context.sequence.last : (from.copyUpTo ?? 0)
  const { taken, end } = takeFitting(changedItems(context, { after, copyUpTo, limit }), limit)
  const seq = end ?? context.sequence.last
  const at = { epoch, seq, ...(seq < copyUpTo && { copyUpTo }) }
  const cursor = toChangesCursor(at)
  const page: ChangesPage = {
    text: changesText({ reset, complete: isComplete, cursor, hasMore: end !== null }, taken),
    cursor,
    at,
  }
  return page
}

type PageFacts = Pick<Changes, 'reset' | 'complete' | 'cursor' | 'hasMore'>

function changesText({ reset, complete, cursor, hasMore }: PageFacts, entries: readonly Entry[]) {
  const texts: Record<Part, string[]> = {
    ...{ messages: [], chats: [], left: [], removed: [], contacts: [], blocks: [], sessions: [], me: [] },
  }
  for (const { part, text } of entries) texts[part].push(text)
  const { me, ...lists } = texts
  const listed = Object.entries(lists).map(([part, items]) => `"${part}":${jsonList(items)}`)
  return asJsonText<Changes>(
    `{"reset":${reset},${listed.join(',')},"me":${me[0] ?? null},"complete":${complete},"cursor":${JSON.stringify(cursor)},"hasMore":${hasMore}}`,
  )
}

interface Taken {
  taken: Entry[]
  /** The number at which the page ends, null if nothing is left. */
  end: number | null
}

/** Takes as many items, in order, as a page holds: at least one, and all that share the last number. */
function takeFitting(items: ItemsInOrder<Entry>, limit: number): Taken {
  const taken: Entry[] = []
  const size = new ByteCount()
  let [end, stop]: [number | null, number | null] = [null, null]
  for (let next = items.peek(); next; next = items.peek()) {
    const { seq, read } = next
    if (stop !== null && seq !== stop) break
    const mayEnd = taken.length > 0 && seq !== end
    if (mayEnd && taken.length >= limit) return { taken, end }
    if (read === null) stop = seq
    else {
      const item = read()
      size.add(item.text)
      if (mayEnd && size.isOver(limits.changesBytesMax)) return { taken, end }
      taken.push(item)
    }
    end = seq
    items.skip()
  }
  return { taken, end: stop }
}
