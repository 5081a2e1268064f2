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
import { type ChangedMessage, changedMessagesAfter } from '../tables/shown-message'

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

interface Item {
  seq: number
  /** Called only for items that the page reaches, because a chat's last message is read for it. */
  read: () => Entry
}

/** The changed rows of one table, in order. */
interface Source {
  items: Item[]
  /** The number up to which the table was read if there might be more, else null. */
  end: number | null
}

/** Changed messages, and those of them that are the last of their chat. */
interface MessageChanges extends Source {
  last: ReadonlyMap<ChatRow, ChangedMessage>
}

/** What a page is read from. */
interface Span {
  after: number
  /** A client that makes a full copy holds nothing that was removed up to this number. */
  copyUpTo: number
  limit: number
}

const sourceOf = (items: Item[], limit: number): Source => ({
  items,
  end: items.length >= limit ? (items.at(-1)?.seq ?? null) : null,
})

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
 * Changed rows in order: first as many as a page shows, then up to as many as may be read for one. Where the first suffice,
 * their cursor is read to its end: one that is left before keeps its statement, and the next page has to compile it again.
 */
function* changedRows(sql: SqlStorage, after: number, shown: number): Generator<ChangedMessage> {
  let from = after
  for (const count of [shown, limits.changesRowsReadMax - shown]) {
    let read = 0
    for (const row of changedMessagesAfter(sql, from, count)) {
      read++
      from = row.seq
      yield row
    }
    if (read < count) return
  }
}

/**
 * Reads no more than a page can hold, so that long messages are not read only to be left over. Cleared messages are not
 * told: their chat tells of them. They count only toward the rows read, of which a page has a maximum.
 */
function changedMessages(context: CallerContext, { after, copyUpTo, limit }: Span): MessageChanges {
  const items: Item[] = []
  const last = new Map<ChatRow, ChangedMessage>()
  let [read, characters, end] = [0, 0, after]
  for (const row of changedRows(context.sql, after, limit)) {
    read++
    end = row.seq
    const chat = context.chats.find(row.chat_id)
    if (!chat || isCleared(chat, row) || (row.hidden && row.seq <= copyUpTo)) continue
    if (chat.last_message_id === row.id) last.set(chat, row)
    items.push({ seq: row.seq, read: () => readMessage(context, row, chat) })
    characters += row.text.length + (row.rare?.length ?? 0)
    if (items.length === limit || characters > limits.changesBytesMax) return { items, last, end }
  }
  return { items, last, end: read === limits.changesRowsReadMax ? end : null }
}

/** `upTo` is the number at which the page ends in any case. */
function changedChats(
  context: CallerContext,
  { after, limit }: Span,
  upTo: number,
  known: MessageChanges['last'],
): Source {
  const { chats, isCut } = context.chats.changedAfter(after, upTo, limit)
  // What goes beyond the limit shares the last number, and so belongs to one change: it is seldom more than one chat.
  const last = new LastMessages(context.sql, chats.slice(0, limit), known)
  const items = chats.map(
    (chat): Item => ({ seq: chat.seq, read: () => ({ part: 'chats', text: chatText(context, chat, last.of(chat)) }) }),
  )
  return { items, end: isCut ? (items.at(-1)?.seq ?? null) : null }
}

function changedContacts(context: CallerContext, { after, limit }: Span, upTo: number): Source {
  const items = contacts.changedAfter(context.sql, { after, upTo }, limit).map((row) => ({
    seq: row.seq,
    read: () => entry('contacts', toContactChange(context, row)),
  }))
  return sourceOf(items, limit)
}

function changedSessions(context: CallerContext, { after, limit }: Span): Source {
  const items = sessions.changedAfter(context.sql, after, limit).map((row) => ({
    seq: row.seq,
    read: () => entry('sessions', sessions.toSessionChange(row, context.sessionId)),
  }))
  return sourceOf(items, limit)
}

const changedBlocks = (context: CallerContext, after: number): Item[] =>
  context.blocks
    .all()
    .filter((row) => row.seq > after)
    .map((row) => ({ seq: row.seq, read: () => entry('blocks', toBlockChange(context, row)) }))

function changedMe(context: CallerContext, after: number): Item[] {
  const own = context.profile.find()
  if (!own || own.seq <= after) return []
  return [{ seq: own.seq, read: () => entry('me', toMe(own, context.avatarLink)) }]
}

/** Groups as the mailbox last knew them, and those that the owner has left. */
function changedGroups(context: CallerContext, after: number, upTo: number): Item[] {
  return context.groups.changedAfter(after, upTo).flatMap((row): Item[] => {
    if (row.state === 'left' || row.state === 'requested')
      return [{ seq: row.seq, read: () => entry('left', row.group_id) }]
    const chat = rowToChat(context.groupWire(row.group_id), row)
    return chat ? [{ seq: row.seq, read: () => entry('chats', chat) }] : []
  })
}

/** What changed in all tables, in order, and up to which number if there might be more. */
function changedItems(context: CallerContext, span: Span): Source {
  if (span.after >= context.sequence.last) return { items: [], end: null }
  const messages = changedMessages(context, span)
  const upTo = messages.end ?? Number.MAX_SAFE_INTEGER
  const sources = [
    messages,
    changedChats(context, span, upTo, messages.last),
    changedContacts(context, span, upTo),
    changedSessions(context, span),
  ]
  const ends = sources.flatMap(({ end }) => end ?? [])
  const end = ends.length > 0 ? Math.min(...ends) : null
  const { after } = span
  const items = [
    ...sources.flatMap((source) => source.items),
    ...changedGroups(context, after, upTo),
    ...changedBlocks(context, after),
    ...changedMe(context, after),
  ]
  return { items: items.filter(({ seq }) => end === null || seq <= end).sort((a, b) => a.seq - b.seq), end }
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
  const { items, end } = changedItems(context, { after, copyUpTo, limit })
  const { taken, last, isWhole } = takeFitting(items, limit)
  const hasMore = end !== null || !isWhole
  const seq = (isWhole ? end : last) ?? context.sequence.last
  const at = { epoch, seq, ...(seq < copyUpTo && { copyUpTo }) }
  const cursor = toChangesCursor(at)
  const page: ChangesPage = { text: changesText({ reset, complete: isComplete, cursor, hasMore }, taken), cursor, at }
  return page
}

type PageFacts = Pick<Changes, 'reset' | 'complete' | 'cursor' | 'hasMore'>

function changesText({ reset, complete, cursor, hasMore }: PageFacts, entries: Entry[]) {
  const byPart = Map.groupBy(entries, ({ part }) => part)
  const textsOf = (part: Part) => (byPart.get(part) ?? []).map(({ text }) => text)
  const lists = (['messages', 'chats', 'left', 'removed', 'contacts', 'blocks', 'sessions'] as const).map(
    (part) => `"${part}":${jsonList(textsOf(part))}`,
  )
  const [me = null] = textsOf('me')
  return asJsonText<Changes>(
    `{"reset":${reset},${lists.join(',')},"me":${me},"complete":${complete},"cursor":${JSON.stringify(cursor)},"hasMore":${hasMore}}`,
  )
}

/** Takes as many items, in order, as a page holds: at least one, and all that share the last number. */
function takeFitting(items: Item[], limit: number): { taken: Entry[]; last: number | undefined; isWhole: boolean } {
  const taken: Entry[] = []
  const size = new ByteCount()
  let last: number | undefined
  for (const { seq, read } of items) {
    const mayEnd = taken.length > 0 && seq !== last
    if (mayEnd && taken.length >= limit) return { taken, last, isWhole: false }
    const next = read()
    size.add(next.text)
    if (mayEnd && size.isOver(limits.changesBytesMax)) return { taken, last, isWhole: false }
    taken.push(next)
    last = seq
  }
  return { taken, last, isWhole: true }
}
