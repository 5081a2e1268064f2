import { limits } from '../../src/core/limits'
import type { DurableContext } from './context'
import { type MessageSource, type Place, rowsNewestFirst } from './newest-first'
import { type Block, blocksOf, findBlock, firstDue, markBlock, saveBlock } from './search-blocks'
import type { SearchProgress } from './search-progress'
import type { Sequence } from './sequence'
import { addTerms, signatureOf } from './signature'
import { foldText } from './words'

/**
 * An index of messages that stores no text and no words, only which blocks of the time line may have a word. It follows
 * the sequence of the object: what a number up to the index's own has changed is in a block that was built since, or
 * that waits for it. To build a block is to read its messages, so it knows nothing of what they said before.
 */

/** The messages of an object, as the index reads them. */
export interface IndexedSource<Row> extends MessageSource<Row> {
  /** The chats whose messages can be found. */
  chatIds: () => string[]
  /**
   * The messages of such chats that changed after a number, in the order of their changes; and the last number that was
   * read, or null if there are no more.
   */
  changedAfter: (seq: number, limit: number) => { places: Place[]; upTo: number | null }
  /** The text by which a message can be found; empty if it cannot. */
  textOf: (row: Row) => string
  /** The number of the message's last change. */
  seqOf: (row: Row) => number
}

/** What says whether the index has something to do. */
interface IndexState extends Pick<DurableContext, 'sql' | 'now'> {
  /** The number of the object's last change. */
  sequence: Pick<Sequence, 'last'>
  progress: SearchProgress
}

export interface IndexContext<Row> extends IndexState, Pick<DurableContext, 'wakeBy'> {
  source: IndexedSource<Row>
}

/** When the index has something to do, or null. */
export function indexDue({ sql, sequence, progress, now }: IndexState): number | null {
  if (progress.dueAt === null && progress.isDueFor(sequence.last)) return now
  const due = [progress.dueAt, firstDue(sql)?.rebuild_at].filter((time) => typeof time === 'number')
  return due.length > 0 ? Math.min(...due) : null
}

/** What one refresh may read: messages, and bytes of their texts. At least one message is always indexed. */
interface Budget {
  messages: number
  bytes: number
}

interface IndexedMessage extends Place {
  terms: ReadonlySet<number>
}

/**
 * Brings the index up to date, as far as the budget goes. What is left waits in blocks that are due, in which a search
 * reads every message.
 */
export function refresh<Row>(context: IndexContext<Row>, { messages, bytes }: Budget) {
  const left = { messages, bytes }
  for (const [start, chats] of newestStartFirst(consume(context)))
    if (left.messages <= 0 || left.bytes <= 0) markBlock(context.sql, start, chats, context.now)
    else build(context, start, chats, left)
  while (left.messages > 0 && left.bytes > 0) {
    const due = firstDue(context.sql)
    if (!due) break
    build(context, due.start, [], left)
  }
  const times = [context.progress.dueAt, firstDue(context.sql)?.rebuild_at].filter((time) => typeof time === 'number')
  if (times.length > 0) context.wakeBy(Math.max(context.now, Math.min(...times)))
}

const newestStartFirst = (blocks: Map<string, Set<string>>) => [...blocks].sort(([a], [b]) => (a < b ? 1 : -1))

/** Takes the changes that came since, and says which blocks they concern. */
function consume<Row>({ sql, sequence, source, progress, now }: IndexContext<Row>): Map<string, Set<string>> {
  if (sequence.last === progress.seq && progress.dueAt === null) return new Map()
  const { places, upTo } = source.changedAfter(progress.seq, limits.searchChangesMax)
  if (places.length === 0 && upTo === null && !progress.isDueFor(sequence.last)) return new Map()
  progress.save({ seq: upTo ?? sequence.last, dueAt: upTo === null ? null : now })
  return blocksOf(sql, places)
}

/** Builds a block anew, split where it has become too long. What the budget does not reach stays due. */
function build<Row>(context: IndexContext<Row>, start: string, added: Iterable<string>, left: Budget) {
  const { sql, source, now } = context
  const block = findBlock(sql, start)
  if (!block) return
  const chatIds = block.chatIds && [...new Set([...block.chatIds, ...added])]
  const { read, isWhole } = readBlock(context, { ...block, chatIds: chatIds ?? source.chatIds() }, left)
  const parts = cut(read, block.before === '~')
  parts.forEach((part, n) => {
    const from = n === 0 && isWhole ? start : (part[0]?.id ?? start)
    saveBlock(sql, { start: from, ...contentOf(part), rebuild_at: null })
  })
  if (isWhole && parts.length > 0) return
  const chats = chatIds && JSON.stringify(chatIds)
  if (isWhole) saveBlock(sql, { start, chats: '[]', signature: new ArrayBuffer(0), rebuild_at: null })
  else saveBlock(sql, { start, chats, signature: null, rebuild_at: now })
}

/** Reads the latest messages of a block until the budget ends, and returns them oldest first. */
function readBlock<Row>({ source, progress }: IndexContext<Row>, block: Block, left: Budget) {
  const read: IndexedMessage[] = []
  let isWhole = true
  for (const row of rowsNewestFirst(source, block.chatIds ?? [], block)) {
    isWhole = left.messages > 0 && left.bytes > 0
    if (!isWhole) break
    const text = source.seqOf(row) <= progress.seq ? source.textOf(row) : ''
    const terms = new Set<number>()
    if (text !== '') addTerms(foldText(text), terms)
    read.push({ ...source.placeOf(row), terms })
    left.messages--
    left.bytes -= Buffer.byteLength(text)
  }
  return { read: read.reverse(), isWhole }
}

/**
 * Cuts messages into blocks. Those at the end of the time line are filled, because more will follow; others are equally
 * long, so that a late message does not get a block of its own.
 */
function cut(read: readonly IndexedMessage[], isLast: boolean): IndexedMessage[][] {
  const most = limits.searchBlockMessages
  const length = isLast ? most : Math.ceil(read.length / Math.ceil(read.length / most))
  const parts: IndexedMessage[][] = []
  let part: IndexedMessage[] = []
  let terms = 0
  for (const message of read) {
    const isFull = part.length >= length || (terms > 0 && terms + message.terms.size > limits.searchBlockTerms)
    if (part.length === 0 || isFull) {
      part = []
      parts.push(part)
      terms = 0
    }
    part.push(message)
    terms += message.terms.size
  }
  return parts
}

function contentOf(part: readonly IndexedMessage[]) {
  const terms = new Set<number>()
  const chats = new Set<string>()
  for (const message of part) {
    if (message.terms.size > 0) chats.add(message.chatId)
    for (const term of message.terms) terms.add(term)
  }
  return { chats: JSON.stringify([...chats]), signature: signatureOf(terms).buffer }
}
