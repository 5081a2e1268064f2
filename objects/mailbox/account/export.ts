import type { AccountExport } from '../../../schemas/account-export'
import { limits } from '../../../src/core/limits'
import { done, type Outcome } from '../../durable/outcome'
import { toChat, toMessage } from '../chats/to-wire'
import * as blocking from '../contacts/blocking'
import * as contacts from '../contacts/contacts'
import type { CallerBox } from '../context'
import * as files from '../files'
import { isCleared, type MessageRow } from '../tables/messages'

/** What an export reads page by page. A page is bounded, whatever the mailbox holds. */
export type Section = 'contacts' | 'blocks' | 'chats' | 'messages' | 'files'

export interface ExportPage {
  items: AccountExport[Section][number][]
  /** Where the next page begins; null at the end. */
  next: string | null
}

function chatsAfter(box: CallerBox, after: string | null): ExportPage {
  const rest = box.chats
    .all()
    .filter((chat) => chat.peer_id > (after ?? ''))
    .sort((a, b) => (a.peer_id < b.peer_id ? -1 : 1))
  const page = rest.slice(0, limits.pageMax)
  return {
    items: page.map((chat) => toChat(box, chat)),
    next: rest.length > page.length ? (page.at(-1)?.peer_id ?? null) : null,
  }
}

/** Messages after a place, `chatId/messageId`, by the primary key. Rows that are not to be seen count as read. */
function messagesAfter(box: CallerBox, after: string | null): ExportPage {
  const [chatId = '', messageId = ''] = after?.split('/') ?? []
  const rows = box.sql.exec<MessageRow>(
    'SELECT * FROM messages WHERE (chat_id, id) > (?, ?) ORDER BY chat_id, id LIMIT ?',
    chatId,
    messageId,
    limits.exportRowsMax,
  )
  const items: ExportPage['items'] = []
  let [read, characters, last] = [0, 0, '']
  for (const row of rows) {
    const chat = box.chats.find(row.chat_id)
    if (chat && !row.hidden && !isCleared(chat, row)) items.push(toMessage(box, row, chat))
    read += 1
    characters += row.text.length + (row.reply_to?.length ?? 0) + (row.attachments?.length ?? 0)
    last = `${row.chat_id}/${row.id}`
    if (characters > limits.exportCharactersMax) return { items, next: last }
  }
  return { items, next: read === limits.exportRowsMax ? last : null }
}

/** The next page of one section. */
export function page(box: CallerBox, section: Section, after: string | null): Outcome<ExportPage> {
  switch (section) {
    case 'contacts':
      return contacts.list(box, after, limits.pageMax)
    case 'blocks':
      return blocking.list(box, after, limits.pageMax)
    case 'chats':
      return done(chatsAfter(box, after))
    case 'messages':
      return done(messagesAfter(box, after))
    case 'files':
      return files.list(box, after, limits.pageMax, 0)
  }
}
