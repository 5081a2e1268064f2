import type { Quote } from '../../../schemas/message'
import { limits } from '../../../src/core/limits'
import type { MailboxContext } from '../context'
import type { ChatRow } from '../tables/chats'
import * as messages from '../tables/messages'
import type { ShownMessage } from '../tables/shown-message'
import { saveChange } from './message-changes'

/**
 * A deleted message leaves its quotes, too. A reader never sees their text from then on; their rows are blanked, and
 * stamped as changed for the owner's devices, in slices.
 */

/** The quote in a message as its reader sees it. */
export function visibleQuote({ sql }: MailboxContext, row: Pick<ShownMessage, 'chat_id' | 'reply_to'>): Quote | null {
  const quote = messages.quoteOf(row)
  if (!quote?.text) return quote
  return messages.find(sql, row.chat_id, quote.id)?.deleted_at ? { ...quote, text: '' } : quote
}

type BlankingRow = { chat_id: string; message_id: string; after_id: string }

const next = (sql: SqlStorage) => sql.exec<BlankingRow>('SELECT * FROM quote_blankings LIMIT 1').toArray()[0]

/** Blanks a slice of the quotes of a message. Returns the chat, and the last id of the slice if there might be more. */
function blankSlice(context: MailboxContext, chat: ChatRow, messageId: string, afterId: string) {
  const slice = messages.quoting(context.sql, chat.peer_id, messageId, afterId, limits.quotesBlankedAtOnce)
  const blanked = slice
    .filter((row) => messages.quoteOf(row)?.text)
    .reduce(
      (current, row) =>
        saveChange(context, current, { ...row, reply_to: row.reply_to && messages.blankQuote(row.reply_to) }).chat,
      chat,
    )
  return { chat: blanked, last: slice.length === limits.quotesBlankedAtOnce ? slice.at(-1)?.id : undefined }
}

/** Blanks the quotes of a deleted message: a slice now, and the rest in the alarm. Each side does so by itself. */
export function blankQuotes(context: MailboxContext, chat: ChatRow, messageId: string): ChatRow {
  const { chat: blanked, last } = blankSlice(context, chat, messageId, '')
  if (last === undefined) return blanked
  context.sql.exec(
    'INSERT OR IGNORE INTO quote_blankings (chat_id, message_id, after_id) VALUES (?, ?, ?)',
    chat.peer_id,
    messageId,
    last,
  )
  context.wakeBy(context.now)
  return blanked
}

/** Whether quotes of a deleted message are still to be blanked. */
export const isBlankingQuotes = (sql: SqlStorage): boolean => next(sql) !== undefined

/** Blanks the next slice of such quotes. */
export function continueBlankingQuotes(context: MailboxContext) {
  const { sql, chats } = context
  const blanking = next(sql)
  if (!blanking) return
  const { chat_id, message_id, after_id } = blanking
  const chat = chats.find(chat_id)
  const last = chat && blankSlice(context, chat, message_id, after_id).last
  if (last === undefined)
    sql.exec('DELETE FROM quote_blankings WHERE chat_id = ? AND message_id = ?', chat_id, message_id)
  else
    sql.exec('UPDATE quote_blankings SET after_id = ? WHERE chat_id = ? AND message_id = ?', last, chat_id, message_id)
}
