import type { Chat } from '../../../schemas/chat'
import { type JsonText, jsonText } from '../../../src/core/json-text'
import { done, type Outcome } from '../../durable/outcome'
import { cutPageText, type WirePage } from '../../durable/page'
import type { CallerContext } from '../context'
import { rowToChat } from '../groups/to-wire'
import { type ChatRow, placeOf } from '../tables/chats'
import { placeOf as placeOfGroup } from '../tables/groups'
import { LastMessages } from './last-messages'
import { isRequest } from './requests'
import { chatText } from './to-wire'

export type ChatsPage = JsonText<WirePage<Chat>>

/** Which chats are listed. What is undefined makes no difference. */
export interface ChatFilters {
  archived: boolean | undefined
  unread: boolean | undefined
  request: boolean | undefined
}

const isUnread = (chat: ChatRow) => chat.unread_count > 0 || chat.marked_unread === 1

const isWanted = ({ archived, unread, request }: ChatFilters, chat: ChatRow) =>
  (archived ?? chat.archived === 1) === (chat.archived === 1) &&
  (unread ?? isUnread(chat)) === isUnread(chat) &&
  (request ?? isRequest(chat)) === isRequest(chat)

/**
 * Lists the chats that have a visible message: pinned ones first, then by latest message, newest first. Continues after
 * the place that the previous page returned.
 */
export function listChats(
  context: CallerContext,
  filters: ChatFilters,
  after: string | null,
  limit: number,
): Outcome<ChatsPage> {
  const chats = [...listedChats(context, filters, after).take(limit + 1)]
  const groups = listedGroups(context, filters, after, limit + 1)
  const last = new LastMessages(context.sql, chats)
  const toText = (chat: ChatRow) => chatText(context, chat, last.of(chat))
  if (groups.length === 0) return done(cutPageText(chats, { limit, toText, placeOf }))
  const listed: Listed[] = chats.map((chat) => ({ place: placeOf(chat), toText: () => toText(chat) }))
  const merged = [...listed, ...groups].sort((a, b) => (a.place > b.place ? -1 : 1)).slice(0, limit + 1)
  return done(cutPageText(merged, { limit, toText: (one) => one.toText(), placeOf: ({ place }) => place }))
}

/** A chat of either kind, by its place in the list. */
interface Listed {
  place: string
  toText: () => JsonText<Chat>
}

const listedChats = ({ chats }: CallerContext, filters: ChatFilters, after: string | null) =>
  chats.listedAfter(after).filter((chat) => isWanted(filters, chat))

function listedGroups(context: CallerContext, filters: ChatFilters, after: string | null, limit: number): Listed[] {
  const { archived, unread, request } = filters
  if (request === true) return []
  const listed: Listed[] = []
  for (const row of context.groups.listedAfter(after)) {
    if (archived !== undefined && archived !== (row.archived === 1)) continue
    const chat = rowToChat(context.groupWire(row.group_id), row)
    if (!chat || (unread !== undefined && unread !== (chat.unreadCount > 0 || chat.markedUnread))) continue
    listed.push({ place: placeOfGroup(row), toText: () => jsonText(chat) })
    if (listed.length === limit) break
  }
  return listed
}
