import { limits } from '../../../src/core/limits'
import type { Place } from '../../durable/newest-first'
import { blocksOf, markBlock } from '../../durable/search-blocks'
import { type IndexContext, type IndexedSource, refresh } from '../../durable/search-index'
import type { MailboxContext } from '../context'
import type { ChatRow } from '../tables/chats'
import type { MessageRow } from '../tables/message-row'
import * as messages from '../tables/messages'

/**
 * What of a mailbox is in its search index: the visible texts of all chats but message requests. Sending and receiving
 * write nothing to it; it takes what has changed when there is enough of it, before each search, and soon after words
 * were taken away.
 */

const placeOf = ({ chat_id, id }: Pick<MessageRow, 'chat_id' | 'id'>): Place => ({ chatId: chat_id, id })

/** Whether the messages of a chat can be found: those of a request are not, so that strangers take no room here. */
const isFindable = (chat: ChatRow | undefined) => chat?.accepted === 1

function textOf({ chats }: MailboxContext, row: MessageRow): string {
  const chat = chats.find(row.chat_id)
  const isVisible = chat && isFindable(chat) && !row.hidden && !row.deleted_at && !messages.isCleared(chat, row)
  return isVisible ? row.text : ''
}

const sourceOf = (context: MailboxContext): IndexedSource<MessageRow> => ({
  chatIds: () =>
    context.chats
      .all()
      .filter(isFindable)
      .map(({ peer_id }) => peer_id),
  some: (chatIds, stretch, limit) => messages.idsIn(context.sql, chatIds, stretch, limit).map(placeOf),
  latest: (chatIds, stretch) => messages.latestIdsIn(context.sql, chatIds, stretch).map(placeOf),
  newest: (chatId, stretch, limit) => messages.newestIds(context.sql, chatId, stretch, limit),
  rows: (places) => messages.at(context.sql, places),
  changedAfter: (seq, limit) => {
    const changed = messages.changedAfter(context.sql, seq, limit)
    const inFindable = changed.filter(({ chat_id }) => isFindable(context.chats.find(chat_id)))
    const upTo = changed.length === limit ? (changed.at(-1)?.seq ?? null) : null
    return { places: inFindable.map(placeOf), upTo }
  },
  placeOf,
  textOf: (row) => textOf(context, row),
  seqOf: ({ seq }) => seq,
})

export const indexOf = (context: MailboxContext): IndexContext<MessageRow> => ({
  ...context,
  source: sourceOf(context),
  progress: context.searchProgress,
})

/** Indexes the next slice. */
export const continueIndexing = (context: MailboxContext) =>
  refresh(indexOf(context), { messages: limits.searchAlarmMessages, bytes: limits.searchAlarmBytes })

/** Has the index forget the words of a message, as it was before this block changed it. */
export function forgetWords(context: MailboxContext, chat: ChatRow, { seq }: MessageRow) {
  if (isFindable(chat) && seq <= context.searchProgress.seq) context.searchProgress.hurry(context)
}

/** Has the index forget messages whose rows change without a new number. */
export function forgetMessages(context: MailboxContext, chat: ChatRow, ids: readonly string[]) {
  if (isFindable(chat)) indexAgain(context, chat, ids, context.now + limits.searchForgetMs)
}

/** Has the index take the messages of a chat that was a request until now, and which it has passed over. */
export function indexAccepted(context: MailboxContext, { peer_id, cleared_peer_id, greatest_id }: ChatRow) {
  const stretch = { from: cleared_peer_id, before: `${greatest_id}~` }
  const passed = messages.newestUpTo(context.sql, peer_id, stretch, context.searchProgress.seq, limits.undeliveredMax)
  indexAgain(context, { peer_id }, passed, context.now + limits.searchForgetMs)
}

function indexAgain(
  context: MailboxContext,
  { peer_id }: Pick<ChatRow, 'peer_id'>,
  ids: readonly string[],
  at: number,
) {
  if (ids.length === 0) return
  const blocks = blocksOf(
    context.sql,
    ids.map((id) => ({ chatId: peer_id, id })),
  )
  for (const [start, chats] of blocks) markBlock(context.sql, start, chats, at)
  context.wakeBy(at)
}
