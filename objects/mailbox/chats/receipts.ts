import type { Receipt } from '../../../schemas/receipt'
import { done, type Outcome, refuse } from '../../durable/outcome'
import type { Page } from '../../durable/page'
import { namedPeer } from '../contacts/shown-user'
import type { CallerContext } from '../context'
import { locateMessage } from './message-changes'
import { statusOf } from './to-wire'

export type ReceiptsPage = Page<Receipt, string>

/** How far a message of the owner's has gotten with the peer, as far as the peer lets the owner know. */
export function listReceipts(
  context: CallerContext,
  chatId: string,
  messageId: string,
  after: string | null,
): Outcome<ReceiptsPage> {
  const found = locateMessage(context, chatId, messageId)
  if (!found.ok) return found
  const { chat, row } = found.value
  const status = statusOf(row, chat)
  if (status === null) return refuse('not_the_author')
  const isListed = chatId !== context.userId && chatId > (after ?? '')
  return done({ items: isListed ? [{ user: namedPeer(context, chat), status }] : [], next: null })
}
