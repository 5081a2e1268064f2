import type { GroupChangeSet } from '../../../src/core/group'
import { limits } from '../../../src/core/limits'
import { ByteCount } from '../../durable/byte-count'
import type { GroupContext, MemberContext } from '../context'
import type { GroupChangesPage, GroupPosition, PageSize } from '../shapes'
import type { FactsRow } from '../tables/facts'
import { hiddenAfter, hiddenOf } from '../tables/hidden'
import { floorOf, type MemberRow, toMember } from '../tables/members'
import { before, changedAfter, countChangedAfter, type GroupMessageRow } from '../tables/messages'
import { headOf, showsMarks, toMessages, viewOf } from './to-member'

/**
 * What changed in a group after a number, for one member, as state: each row once, with its latest number. The rows
 * themselves carry the numbers, so there is no log to trim and no number is too old.
 */

/** One changed row. */
type Changed = { seq: number } & (
  | { kind: 'message'; row: GroupMessageRow }
  | { kind: 'removed'; messageId: string }
  | { kind: 'member'; row: MemberRow }
)

/** Rows in the order of their changes, and the number up to which they were read if there may be more. */
interface Read {
  changed: Changed[]
  end: number | null
}

/** Reads up to `limit` rows of each kind, and somewhat more if many share one number. */
function readAfter(context: GroupContext, me: MemberRow, seq: number, limit: number): Read {
  const { sql, members } = context
  const messages = changedMessages(context, seq, limit)
  const hidden = me.own_seq > seq ? hiddenAfter(sql, me.user_id, seq, limit) : []
  const hiddenEnd = hidden.length === limit ? hidden.at(-1)?.seq : undefined
  const ends = [messages.end, hiddenEnd].flatMap((one) => one ?? [])
  const end = ends.length > 0 ? Math.min(...ends) : null
  const marks = showsMarks(members)
  const memberSeq = (row: MemberRow) => Math.max(row.seq, marks ? row.mark_seq : 0)
  const changed: Changed[] = [
    ...visible(context, me, messages.rows).map((row) => ({ kind: 'message' as const, seq: row.seq, row })),
    ...hidden.map((row) => ({ kind: 'removed' as const, seq: row.seq, messageId: row.message_id })),
    ...members
      .all()
      .filter((row) => memberSeq(row) > seq)
      .map((row) => ({ kind: 'member' as const, seq: memberSeq(row), row })),
  ]
  return { changed: changed.filter((one) => end === null || one.seq <= end).sort((a, b) => a.seq - b.seq), end }
}

interface ReadMessages {
  rows: GroupMessageRow[]
  end: number | null
}

/** What was read for one member, for the others who are told the same: until the next change. */
const readFor = new WeakMap<FactsRow, Map<string, ReadMessages>>()

function changedMessages({ sql, facts }: GroupContext, seq: number, limit: number): ReadMessages {
  const known = readFor.get(facts.row) ?? new Map<string, ReadMessages>()
  readFor.set(facts.row, known)
  const key = `${seq}/${limit}`
  const read = known.get(key) ?? readMessages(sql, seq, limit)
  known.set(key, read)
  return read
}

/** Stops at `limit`, or where there is more than a page holds. Rows that share the last number are read together. */
function readMessages(sql: SqlStorage, seq: number, limit: number): ReadMessages {
  const rows: GroupMessageRow[] = []
  const size = new ByteCount()
  let isFull = false
  for (const row of changedAfter(sql, seq, limit + limits.groupRowsPerChangeMax)) {
    if (isFull && row.seq !== rows.at(-1)?.seq) return { rows, end: rows.at(-1)?.seq ?? null }
    rows.push(row)
    size.add(row.text)
    isFull = rows.length >= limit || size.isOver(limits.changesBytesMax)
  }
  return { rows, end: null }
}

function visible({ sql }: GroupContext, me: MemberRow, rows: readonly GroupMessageRow[]): GroupMessageRow[] {
  const floor = floorOf(me)
  const above = rows.filter(({ id }) => id > floor)
  if (me.own_seq === 0) return above
  const ids = above.map(({ id }) => id)
  const hidden = hiddenOf(sql, me.user_id, ids)
  return above.filter(({ id }) => !hidden.has(id))
}

function toChangeSet(context: GroupContext, me: MemberRow, changed: readonly Changed[]): GroupChangeSet {
  const marks = showsMarks(context.members)
  return {
    messages: toMessages(
      context,
      me,
      changed.flatMap((one) => (one.kind === 'message' ? one.row : [])),
    ),
    removed: changed.flatMap((one) => (one.kind === 'removed' ? one.messageId : [])),
    members: changed.flatMap((one) => (one.kind === 'member' ? toMember(one.row, marks) : [])),
  }
}

const bytesOf = (one: Changed) => (one.kind === 'message' || one.kind === 'member' ? JSON.stringify(one.row) : '')

/** The first of these rows that fit into a page: at least one, and all that share its number. */
function fitting(changed: readonly Changed[], { limit, bytesMax }: PageSize): Changed[] {
  const taken: Changed[] = []
  const size = new ByteCount()
  for (const one of changed) {
    const mayEnd = taken.length > 0 && one.seq !== taken.at(-1)?.seq
    if (mayEnd && taken.length >= limit) return taken
    size.add(bytesOf(one))
    if (mayEnd && size.isOver(bytesMax)) return taken
    taken.push(one)
  }
  return taken
}

const isUsable = ({ facts }: GroupContext, me: MemberRow, position: GroupPosition | null): position is GroupPosition =>
  position !== null && position.since === me.since && position.seq <= facts.row.seq

/**
 * A page of changes. Far behind, and without a position, it is a fresh start instead: the newest messages, and all members;
 * what lies before is read with the pages of messages when somebody looks.
 */
export function changesPage(context: MemberContext, from: GroupPosition | null, page: PageSize): GroupChangesPage {
  const { me, facts, sql } = context
  if (!isUsable(context, me, from)) return freshStart(context, page)
  const behind = countChangedAfter(sql, from.seq, limits.groupChangesBehindMax + 1)
  if (behind > limits.groupChangesBehindMax) return freshStart(context, page)
  const { changed, end } = readAfter(context, me, from.seq, page.limit)
  const taken = fitting(changed, page)
  const isWhole = taken.length === changed.length
  const seq = (isWhole ? end : taken.at(-1)?.seq) ?? facts.row.seq
  return {
    reset: false,
    changes: toChangeSet(context, me, taken),
    head: headOf(context, me),
    position: { since: me.since, seq },
    hasMore: !isWhole || end !== null,
  }
}

/** All members, and those former ones who wrote what is shown. */
function freshStart(context: MemberContext, { bytesMax }: PageSize): GroupChangesPage {
  const { me, facts, sql, members } = context
  const newest = cutMessages(before(sql, viewOf(me), '~', limits.pageDefault), bytesMax / 2)
  const senders = new Set(newest.map(({ sender_id }) => sender_id))
  const named = members.all().filter(({ user_id, present }) => present === 1 || senders.has(user_id))
  const changed: Changed[] = [
    ...newest.map((row) => ({ kind: 'message' as const, seq: 0, row })),
    ...named.map((row) => ({ kind: 'member' as const, seq: 0, row })),
  ]
  return {
    reset: true,
    changes: toChangeSet(context, me, changed),
    head: headOf(context, me),
    position: { since: me.since, seq: facts.row.seq },
    hasMore: false,
  }
}

/** As many of the newest messages as fit, at least one. */
function cutMessages(rows: Iterable<GroupMessageRow>, bytesMax: number): GroupMessageRow[] {
  const size = new ByteCount()
  const taken: GroupMessageRow[] = []
  for (const row of rows) {
    size.add(JSON.stringify(row))
    if (taken.length > 0 && size.isOver(bytesMax)) break
    taken.push(row)
  }
  return taken
}

/** What a member who is told of every change has not been told, if it is little: else they have to ask. */
export function changesToTell(context: GroupContext, me: MemberRow, after: number): GroupChangeSet | null {
  const { changed, end } = readAfter(context, me, after, limits.groupFrameRowsMax + 1)
  if (end !== null || changed.length > limits.groupFrameRowsMax) return null
  const page = { limit: limits.groupFrameRowsMax, bytesMax: limits.groupFrameBytesMax }
  return fitting(changed, page).length === changed.length ? toChangeSet(context, me, changed) : null
}
