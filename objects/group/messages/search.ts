import { done, type Outcome, refuse } from '../../durable/outcome'
import { cutPage } from '../../durable/page'
import { search } from '../../durable/search'
import type { IndexedSource } from '../../durable/search-index'
import { readByAll, toMessage } from '../changes/to-member'
import type { MemberContext } from '../context'
import type { GroupMessagesFound, GroupSearch } from '../shapes'
import { hiddenOf } from '../tables/hidden'
import { floorOf } from '../tables/members'
import type { GroupMessageRow } from '../tables/messages'
import { bringUpToDate, indexOf } from './indexing'

/** Sorts right after an id, before every other. */
const past = (id: string) => (id === '' ? '' : `${id}~`)

/** The messages without those that the member has hidden. */
function withoutHidden({ sql, me }: MemberContext, source: IndexedSource<GroupMessageRow>) {
  if (me.own_seq === 0) return source
  const rows: typeof source.rows = (places) => {
    const ids = places.map(({ id }) => id)
    const hidden = hiddenOf(sql, me.user_id, ids)
    return source.rows(places.filter(({ id }) => !hidden.has(id)))
  }
  return { ...source, rows }
}

/** Messages that have the words, newest first, as far as the member sees them. A page can end before it is full. */
export function searchMessages(context: MemberContext, query: GroupSearch): Outcome<GroupMessagesFound> {
  const { me } = context
  const { words, before, senderId, hasAttachments, limit } = query
  const index = indexOf(context)
  if (!bringUpToDate(index)) return refuse('service_unavailable')
  const floor = past(floorOf(me))
  const { rows, next } = search(
    { ...index, source: withoutHidden(context, index.source) },
    {
      ...{ words, chatId: null, before, limit },
      from: query.from > floor ? query.from : floor,
      isWanted: (row) =>
        (senderId === null || row.sender_id === senderId) && (!hasAttachments || row.attachments !== null),
    },
  )
  const page = cutPage(rows, {
    limit,
    toItem: (row) => toMessage(context, me, row),
    placeOf: ({ id }) => id,
  })
  return done({ items: page.items, next: page.next ?? next, readByAllId: readByAll(context, me) })
}
