import { limits } from '../../../src/core/limits'
import { done, type Outcome, refuse } from '../../durable/outcome'
import { toMessage } from '../changes/to-member'
import type { GroupContext, MemberContext } from '../context'
import type { ChangedMessage, GroupEdit } from '../shapes'
import * as blankings from '../tables/blanked-quotes'
import * as files from '../tables/files'
import { hide, isHidden } from '../tables/hidden'
import { floorOf } from '../tables/members'
import * as mentions from '../tables/mentions'
import { blank, find, type GroupMessageRow, mentionsOf, quoting, update } from '../tables/messages'
import * as reactions from '../tables/reactions'
import { forgetWords } from './indexing'

/** What members do with messages that are there. Each function is one synchronous block. */

/** A message that the member sees. */
export function locate({ sql, me }: MemberContext, messageId: string): Outcome<GroupMessageRow> {
  const row = messageId > floorOf(me) ? find(sql, messageId) : undefined
  if (!row || isHidden(sql, me.user_id, messageId)) return refuse('message_not_found')
  return done(row)
}

/** The same for a change that all members see: not of one that is deleted, nor of what only tells of an event. */
export function locateForChange(context: MemberContext, messageId: string): Outcome<GroupMessageRow> {
  const found = locate(context, messageId)
  if (!found.ok) return found
  if (found.value.event !== null) return refuse('message_not_found')
  return found.value.deleted_at === null ? found : refuse('message_deleted')
}

export function editMessage(context: MemberContext, messageId: string, edit: GroupEdit): Outcome<ChangedMessage> {
  const found = locateForChange(context, messageId)
  if (!found.ok) return found
  const row = found.value
  if (row.sender_id !== context.me.user_id) return refuse('not_the_author')
  const text = edit.text ?? row.text
  const metadata = edit.metadata === undefined ? row.metadata : edit.metadata
  if (text === '' && metadata === null && row.attachments === null) return nothingLeft(edit)
  if (text === row.text && metadata === row.metadata)
    return done({ message: toMessage(context, context.me, row), changed: false })
  if (edit.waitSeconds !== null) return { ok: false, code: 'sends_exhausted', retryAfterSeconds: edit.waitSeconds }
  const grows = bytesOf({ text, metadata }) > bytesOf(row)
  if (grows && context.isFull()) return refuse('group_storage_full')
  const changed = { ...row, text, metadata, seq: context.change('common'), edited_at: context.now }
  update(context.sql, changed)
  forgetWords(context, row)
  return done({ message: toMessage(context, context.me, changed), changed: true })
}

const bytesOf = ({ text, metadata }: Pick<GroupMessageRow, 'text' | 'metadata'>) =>
  Buffer.byteLength(text) + Buffer.byteLength(metadata ?? '')

const nothingLeft = ({ text }: GroupEdit) =>
  refuse('invalid_request', [
    { pointer: text === undefined ? '/metadata' : '/text', code: 'custom', detail: 'A message needs content.' },
  ])

/** Authors delete what they wrote; owners and admins whatever anybody wrote. */
export function deleteForEveryone(
  context: MemberContext,
  messageId: string,
  waitSeconds: number | null,
): Outcome<boolean> {
  const found = locate(context, messageId)
  if (!found.ok) return found
  const row = found.value
  if (row.event !== null) return refuse('message_not_found')
  if (row.sender_id !== context.me.user_id && context.me.role === 'member') return refuse('not_the_author')
  if (row.deleted_at !== null) return done(false)
  if (waitSeconds !== null) return { ok: false, code: 'sends_exhausted', retryAfterSeconds: waitSeconds }
  erase(context, row)
  return done(true)
}

function erase(context: GroupContext, row: GroupMessageRow) {
  const { sql, now, unread } = context
  update(sql, { ...row, ...blank(now), seq: context.change('common') })
  forgetWords(context, row)
  if (row.attachments !== null) files.remove(sql, row.id)
  if (row.mentions !== null) mentions.remove(sql, row.id, mentionsOf(row))
  if (row.reactions !== null) reactions.removeAll(sql, row.id)
  blankings.begin(sql, row.id)
  continueBlanking(context)
  unread.changed()
}

/** Empties quotes of deleted messages, a slice at a time. Returns whether there is more to do. */
export function continueBlanking(context: GroupContext): boolean {
  const { sql } = context
  const next = blankings.first(sql)
  if (!next) return false
  const rows = quoting(sql, next.message_id, next.after_id, limits.quotesBlankedAtOnce)
  const seq = rows.length > 0 ? context.change('common') : 0
  for (const row of rows)
    update(sql, { ...row, seq, reply_to: row.reply_to && JSON.stringify({ ...JSON.parse(row.reply_to), text: '' }) })
  const last = rows.at(-1)
  if (rows.length < limits.quotesBlankedAtOnce || !last) blankings.end(sql, next.message_id)
  else blankings.moveOn(sql, next.message_id, last.id)
  return blankings.first(sql) !== undefined
}

/** Hides a message from the member alone. */
export function deleteForMe(context: MemberContext, messageId: string, waitSeconds: number | null): Outcome<boolean> {
  const { sql, me, members, unread } = context
  const row = messageId > floorOf(me) ? find(sql, messageId) : undefined
  if (!row) return refuse('message_not_found')
  if (isHidden(sql, me.user_id, messageId)) return done(false)
  if (waitSeconds !== null) return { ok: false, code: 'sends_exhausted', retryAfterSeconds: waitSeconds }
  const seq = context.change('own')
  hide(sql, me.user_id, messageId, seq)
  mentions.remove(sql, messageId, [me.user_id])
  members.save({ ...me, own_seq: seq })
  unread.changed(me.user_id)
  return done(true)
}
