import type { Changes } from '../../../schemas/changes'
import { toMe } from '../../../schemas/user'
import { type Position, toChangesCursor } from '../../../src/core/cursors'
import { asJsonText, type JsonText, jsonList } from '../../../src/core/json-text'
import { limits } from '../../../src/core/limits'
import { ByteCount } from '../../durable/byte-count'
import { LastMessages } from '../chats/last-messages'
import { toChat, toMessage } from '../chats/to-wire'
import { toBlockChange } from '../contacts/blocking'
import { toContactChange } from '../contacts/contacts'
import type { CallerContext } from '../context'
import type { ChatRow } from '../tables/chats'
import * as contacts from '../tables/contacts'
import { epoch as epochOf } from '../tables/epoch'
import { type MessageRow, messageColumns, rowsOf } from '../tables/message-row'
import { isCleared } from '../tables/messages'
import * as sessions from '../tables/sessions'

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

/** Changed messages, and their rows by id: a chat's last message is mostly one of them. */
interface MessageChanges extends Source {
  byId: ReadonlyMap<string, MessageRow>
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
type Part = 'messages' | 'chats' | 'removed' | 'contacts' | 'blocks' | 'sessions' | 'me'

type Shown<P extends Part> = Changes[P] extends (infer Item)[] ? Item : NonNullable<Changes[P]>

/** What belongs to a part of the page, as JSON. */
interface Entry {
  part: Part
  text: string
}

const entry = <P extends Part>(part: P, value: Shown<P>): Entry => ({ part, text: JSON.stringify(value) })

const readMessage = (context: CallerContext, row: MessageRow, chat: ChatRow): Entry =>
  row.hidden
    ? entry('removed', { chatId: row.chat_id, messageId: row.id })
    : entry('messages', toMessage(context, row, chat))

/**
 * Reads no more than a page can hold, so that long texts are not read only to be left over. Cleared messages are not
 * told: their chat tells of them. They count only toward the rows read, of which a page has a maximum.
 */
function changedMessages(context: CallerContext, { after, copyUpTo, limit }: Span): MessageChanges {
  const rows = rowsOf(
    context.sql.exec<MessageRow>(
      `SELECT ${messageColumns} FROM messages WHERE seq > ? ORDER BY seq LIMIT ?`,
      after,
      limits.changesRowsReadMax,
    ),
  )
  const items: Item[] = []
  const byId = new Map<string, MessageRow>()
  let [read, characters, end] = [0, 0, after]
  for (const row of rows) {
    read++
    end = row.seq
    const chat = context.chats.find(row.chat_id)
    if (!chat || isCleared(chat, row) || (row.hidden && row.seq <= copyUpTo)) continue
    byId.set(row.id, row)
    items.push({ seq: row.seq, read: () => readMessage(context, row, chat) })
    characters += row.text.length
    if (items.length === limit || characters > limits.changesBytesMax) return { items, byId, end }
  }
  return { items, byId, end: read === limits.changesRowsReadMax ? end : null }
}

/** `upTo` is the number at which the page ends in any case. */
function changedChats(
  context: CallerContext,
  { after, limit }: Span,
  upTo: number,
  byId: MessageChanges['byId'],
): Source {
  const { chats, isCut } = context.chats.changedAfter(after, upTo, limit)
  // What goes beyond the limit shares the last number, and so belongs to one change: it is seldom more than one chat.
  const last = new LastMessages(context.sql, chats.slice(0, limit), byId)
  const items = chats.map(
    (chat): Item => ({ seq: chat.seq, read: () => entry('chats', toChat(context, chat, last.of(chat))) }),
  )
  return { items, end: isCut ? (items.at(-1)?.seq ?? null) : null }
}

function changedContacts(context: CallerContext, { after, limit }: Span, upTo: number): Source {
  const items = contacts.changedAfter(context.sql, { after, upTo }, limit).map((row) => ({
    seq: row.seq,
    read: () => entry('contacts', toContactChange(row)),
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
    .map((row) => ({ seq: row.seq, read: () => entry('blocks', toBlockChange(row)) }))

function changedMe(context: CallerContext, after: number): Item[] {
  const own = context.profile.find()
  if (!own || own.seq <= after) return []
  return [{ seq: own.seq, read: () => entry('me', toMe(own, context.avatarLink)) }]
}

/** What changed in all tables, in order, and up to which number if there might be more. */
function changedItems(context: CallerContext, span: Span): Source {
  const messages = changedMessages(context, span)
  const upTo = messages.end ?? Number.MAX_SAFE_INTEGER
  const sources = [
    messages,
    changedChats(context, span, upTo, messages.byId),
    changedContacts(context, span, upTo),
    changedSessions(context, span),
  ]
  const ends = sources.flatMap(({ end }) => end ?? [])
  const end = ends.length > 0 ? Math.min(...ends) : null
  const { after } = span
  const items = [
    ...sources.flatMap((source) => source.items),
    ...changedBlocks(context, after),
    ...changedMe(context, after),
  ]
  return { items: items.filter(({ seq }) => end === null || seq <= end).sort((a, b) => a.seq - b.seq), end }
}

/** Returns the next page: at most `limit` rows, plus any that share the last number, and about a megabyte. */
export function changesPage(context: CallerContext, from: Position | null, limit: number): ChangesPage {
  const epoch = epochOf(context.values)
  // A cursor ahead of the mailbox is from a life of it that a restore undid.
  const reset = from === null || from.epoch !== epoch || from.seq > context.sequence.last
  const after = reset ? 0 : from.seq
  const copyUpTo = reset ? context.sequence.last : (from.copyUpTo ?? 0)
  const { items, end } = changedItems(context, { after, copyUpTo, limit })
  const { taken, last, isWhole } = takeFitting(items, limit)
  const hasMore = end !== null || !isWhole
  const seq = (isWhole ? end : last) ?? context.sequence.last
  const at = { epoch, seq, ...(seq < copyUpTo && { copyUpTo }) }
  const cursor = toChangesCursor(at)
  return { text: changesText({ reset, cursor, hasMore }, taken), cursor, at }
}

function changesText({ reset, cursor, hasMore }: Pick<Changes, 'reset' | 'cursor' | 'hasMore'>, entries: Entry[]) {
  const textsOf = (part: Part) => entries.filter((one) => one.part === part).map(({ text }) => text)
  const lists = (['messages', 'chats', 'removed', 'contacts', 'blocks', 'sessions'] as const).map(
    (part) => `"${part}":${jsonList(textsOf(part))}`,
  )
  const [me = null] = textsOf('me')
  return asJsonText<Changes>(
    `{"reset":${reset},${lists.join(',')},"me":${me},"cursor":${JSON.stringify(cursor)},"hasMore":${hasMore}}`,
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
