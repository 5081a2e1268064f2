import type { AccountExport } from '../../../schemas/account-export'
import { limits } from '../../../src/core/limits'
import { done, type Outcome } from '../../durable/outcome'
import { cutPage } from '../../durable/page'
import { LastMessages } from '../chats/last-messages'
import { toChat, toMessage } from '../chats/to-wire'
import { listBlocks } from '../contacts/blocking'
import { listContacts } from '../contacts/contacts'
import type { CallerContext } from '../context'
import { listFiles } from '../files/stored-files'
import { type MessageRow, messageColumns, rowsOf } from '../tables/message-row'
import { isCleared } from '../tables/messages'

/** What an export reads page by page. The size of a page is bounded, whatever the mailbox holds. */
export type ExportSection = 'contacts' | 'blocks' | 'chats' | 'messages' | 'files'

export interface ExportPage {
  items: AccountExport[ExportSection][number][]
  /** Where the next page begins, or null at the end. */
  next: string | null
}

function chatsAfter(context: CallerContext, after: string | null): ExportPage {
  const rest = context.chats
    .all()
    .filter((chat) => chat.peer_id > (after ?? ''))
    .sort((a, b) => (a.peer_id < b.peer_id ? -1 : 1))
  const last = new LastMessages(context.sql, rest)
  return cutPage(rest, {
    limit: limits.pageMax,
    toItem: (chat) => toChat(context, chat, last.of(chat)),
    placeOf: ({ peer_id }) => peer_id,
  })
}

const lengthOf = ({ text, attachments, metadata, reply_to }: MessageRow) =>
  [text, attachments, metadata, reply_to].reduce((sum, part) => sum + (part?.length ?? 0), 0)

/**
 * Messages after a place (`chatId/messageId`), by primary key. Rows that are not visible count toward the rows read.
 */
function messagesAfter(context: CallerContext, after: string | null): ExportPage {
  const [chatId = '', messageId = ''] = after?.split('/') ?? []
  const rows = rowsOf(
    context.sql.exec<MessageRow>(
      `SELECT ${messageColumns} FROM messages WHERE (chat_id, id) > (?, ?) ORDER BY chat_id, id LIMIT ? + 0`,
      chatId,
      messageId,
      limits.exportRowsMax,
    ),
  )
  const items: ExportPage['items'] = []
  let [read, characters, last] = [0, 0, '']
  for (const row of rows) {
    const chat = context.chats.find(row.chat_id)
    if (chat && !row.hidden && !isCleared(chat, row)) items.push(toMessage(context, row, chat))
    read += 1
    characters += lengthOf(row)
    last = `${row.chat_id}/${row.id}`
    if (characters > limits.exportCharactersMax) return { items, next: last }
  }
  return { items, next: read === limits.exportRowsMax ? last : null }
}

/** Returns the next page of one section. */
export function exportPage(context: CallerContext, section: ExportSection, after: string | null): Outcome<ExportPage> {
  switch (section) {
    case 'contacts':
      return listContacts(context, after, limits.pageMax)
    case 'blocks':
      return listBlocks(context, after, limits.pageMax)
    case 'chats':
      return done(chatsAfter(context, after))
    case 'messages':
      return done(messagesAfter(context, after))
    case 'files':
      return listFiles(context, after, limits.pageMax, 0)
  }
}
