import type { GroupReceipt } from '../../../src/core/group'
import { done, type Outcome, refuse } from '../../durable/outcome'
import { cutPage } from '../../durable/page'
import type { MemberContext } from '../context'
import type { GroupReceiptsPage } from '../shapes'
import { type MemberRow, profileOf } from '../tables/members'
import { locate } from './changes'

/**
 * Who has read a message of the member's, by their ids, after one of them: derived from the read marks of the present
 * members to whom it was sent. Whoever joined later starts with a mark above it, which says nothing.
 */
export function listReceipts(
  context: MemberContext,
  messageId: string,
  after: string | null,
  limit: number,
): Outcome<GroupReceiptsPage> {
  const { me, members } = context
  const found = locate(context, messageId)
  if (!found.ok) return found
  if (found.value.event !== null) return refuse('message_not_found')
  if (found.value.sender_id !== me.user_id) return refuse('not_the_author')
  const isListed = ({ user_id, joined_after }: MemberRow) =>
    user_id !== me.user_id && joined_after < messageId && user_id > (after ?? '')
  const rest = members
    .present()
    .filter(isListed)
    .toSorted((a, b) => (a.user_id < b.user_id ? -1 : 1))
  const toItem = (row: MemberRow): GroupReceipt => ({ profile: profileOf(row), isRead: row.read_id >= messageId })
  return done(cutPage(rest, { limit, toItem, placeOf: ({ user_id }) => user_id }))
}
