import { limits } from '../../../src/core/limits'
import { ByteCount } from '../../durable/byte-count'
import { done, type Outcome } from '../../durable/outcome'
import { readByAll, toMessages, viewOf } from '../changes/to-member'
import type { MemberContext } from '../context'
import type { Anchor, GroupMessagesPage, GroupPageQuery } from '../shapes'
import { isHidden } from '../tables/hidden'
import { floorOf } from '../tables/members'
import { after, before, find, type GroupMessageRow, inChunks } from '../tables/messages'
import { refuseUnlessThere } from './reading'

/** Returns a page of messages, newest first. `around` fills half of it with the message and newer ones. */
export function listMessages(context: MemberContext, query: GroupPageQuery): Outcome<GroupMessagesPage> {
  const { anchor } = query
  if (anchor.at !== 'end') {
    const there = refuseUnlessThere(context, anchor.messageId)
    if (!there.ok) return there
  }
  return done(anchor.at === 'after' ? newer(context, anchor.messageId, query) : older(context, anchor, query))
}

interface Cut {
  rows: GroupMessageRow[]
  /** The last row that was looked at, if there are more. */
  last: string | null
}

/** How many rows are looked at for a page of those with attachments: it can end early. */
const scannedMax = 1_000

/** One row more than a page has shows that there are more. */
const upTo = (limit: number) => ({ chunk: limit + 1, most: scannedMax + 1 })

/** Takes rows until the page is full: of items, or of bytes. */
function take(rows: Iterable<GroupMessageRow>, limit: number, hasAttachments: boolean): Cut {
  const taken: GroupMessageRow[] = []
  const size = new ByteCount()
  let scanned = 0
  let last: string | null = null
  for (const row of rows) {
    if (taken.length >= limit || scanned >= scannedMax) return { rows: taken, last }
    const isWanted = !hasAttachments || row.attachments !== null
    if (isWanted) size.add(JSON.stringify(row))
    if (taken.length > 0 && size.isOver(limits.pageBytesMax)) return { rows: taken, last }
    if (isWanted) taken.push(row)
    scanned++
    last = row.id
  }
  return { rows: taken, last: null }
}

function newer(
  context: MemberContext,
  messageId: string,
  { limit, hasAttachments }: GroupPageQuery,
): GroupMessagesPage {
  const { sql, me } = context
  const { rows, last } = take(
    inChunks(after, { sql, view: viewOf(me), id: messageId, ...upTo(limit) }),
    limit,
    hasAttachments,
  )
  const next = last === null ? null : { at: 'after' as const, messageId: last }
  return { items: toMessages(context, me, rows.toReversed()), next, readByAllId: readByAll(context, me) }
}

function older(context: MemberContext, anchor: Anchor, { limit, hasAttachments }: GroupPageQuery): GroupMessagesPage {
  const { sql, me } = context
  const view = viewOf(me)
  const newest = anchor.at === 'around' ? around(context, anchor.messageId, limit, hasAttachments) : []
  const from = anchor.at === 'before' || anchor.at === 'around' ? anchor.messageId : '~'
  const { rows, last } = take(
    inChunks(before, { sql, view, id: from, ...upTo(limit) }),
    limit - newest.length,
    hasAttachments,
  )
  const next = last === null ? null : { at: 'before' as const, messageId: last }
  return { items: toMessages(context, me, [...newest, ...rows]), next, readByAllId: readByAll(context, me) }
}

/** The message, unless the member has hidden it, and newer ones: half of a page at most, newest first. */
function around(context: MemberContext, messageId: string, limit: number, hasAttachments: boolean) {
  const { sql, me } = context
  const half = Math.ceil(limit / 2)
  const row = find(sql, messageId)
  const itself = row ? visibleOnly(context, row) : []
  const { rows } = take(
    inChunks(after, { sql, view: viewOf(me), id: messageId, ...upTo(half) }),
    half - itself.length,
    hasAttachments,
  )
  return [...rows.toReversed(), ...itself.filter(({ attachments }) => !hasAttachments || attachments !== null)]
}

/** The row as a list, empty if the member does not see it. */
const visibleOnly = ({ sql, me }: MemberContext, row: GroupMessageRow): GroupMessageRow[] =>
  row.id > floorOf(me) && !isHidden(sql, me.user_id, row.id) ? [row] : []
