import { limits } from '../../../src/core/limits'
import type { MailboxContext } from '../context'
import { revokeFiles } from '../files/grants'
import type { ChatRow } from '../tables/chats'
import type { MessageRow } from '../tables/message-row'
import * as messages from '../tables/messages'
import { forgetMessages } from './indexing'
import { isWaiting, purged } from './message-changes'

/**
 * A cleared chat keeps the rows of its messages, which answer retries, but not what they say. Nobody sees them from the
 * moment of the clearing on; the alarm empties the rows in slices. A message that the peer still has to receive is emptied
 * once they have it.
 */

type ClearingRow = { chat_id: string; after_id: string }

const next = (sql: SqlStorage) => sql.exec<ClearingRow>('SELECT * FROM clearings LIMIT 1').toArray()[0]

/** Has the alarm empty what was cleared. Nothing below the chat's former `visible_from` has any content. */
export function emptyLater(context: MailboxContext, { peer_id, visible_from }: ChatRow) {
  context.sql.exec(
    `INSERT INTO clearings (chat_id, after_id) VALUES (?, ?)
     ON CONFLICT (chat_id) DO UPDATE SET after_id = min(after_id, excluded.after_id)`,
    peer_id,
    // Sorts before whatever is at or after it.
    visible_from.slice(0, -1),
  )
  context.wakeBy(context.now)
}

/** Whether messages that were cleared still have content. */
export const isEmptying = (sql: SqlStorage): boolean => next(sql) !== undefined

const hasContent = ({ text, attachments, metadata, reply_to }: MessageRow) =>
  text !== '' || attachments !== null || metadata !== null || reply_to !== null

/** Empties the next slice of such a chat. */
export function continueEmptying(context: MailboxContext) {
  const { sql, chats } = context
  const clearing = next(sql)
  if (!clearing) return
  const { chat_id, after_id } = clearing
  const chat = chats.find(chat_id)
  const last = chat && emptySlice(context, chat, after_id)
  if (last === undefined) sql.exec('DELETE FROM clearings WHERE chat_id = ?', chat_id)
  else sql.exec('UPDATE clearings SET after_id = ? WHERE chat_id = ?', last, chat_id)
}

/** Empties the cleared messages after an id, as many as one slice has. Returns its last id if there might be more. */
function emptySlice(context: MailboxContext, chat: ChatRow, afterId: string): string | undefined {
  const { sql } = context
  const { peer_id, cleared_own_id, cleared_peer_id } = chat
  const end = cleared_own_id > cleared_peer_id ? cleared_own_id : cleared_peer_id
  const slice = messages.between(sql, peer_id, afterId, end, limits.clearedAtOnce)
  const cleared = slice.filter((row) => messages.isCleared(chat, row))
  const full = cleared.filter(hasContent)
  for (const row of full) if (!isWaiting(chat, row)) messages.update(sql, { ...row, ...purged })
  forgetMessages(
    context,
    chat,
    full.filter(({ text }) => text !== '').map(({ id }) => id),
  )
  revokeFiles(
    sql,
    peer_id,
    cleared.map(({ id }) => id),
  )
  return slice.length === limits.clearedAtOnce ? slice.at(-1)?.id : undefined
}
