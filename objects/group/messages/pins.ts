import { limits } from '../../../src/core/limits'
import { done, type Outcome, refuse } from '../../durable/outcome'
import { cutPage } from '../../durable/page'
import { readByAll, toMessage, viewOf } from '../changes/to-member'
import type { MemberContext } from '../context'
import type { PinsPage, ReadMessage } from '../shapes'
import { find, update } from '../tables/messages'
import * as pins from '../tables/pins'
import { locateForChange } from './changes'
import { writeEvent } from './events'

/**
 * Pinned messages: the pin is a part of the message, so that its change reaches every device like an edit. Whoever does not
 * see a message does not see that it is pinned.
 */

const mayPin = ({ me }: MemberContext) => me.role !== 'member'

const read = (context: MemberContext, row: Parameters<typeof toMessage>[2]): ReadMessage => ({
  message: toMessage(context, context.me, row),
  readByAllId: readByAll(context, context.me),
})

/** Pins a message, later than any that is pinned, even if the clock went back. */
export function pin(context: MemberContext, messageId: string): Outcome<ReadMessage> {
  const { sql, me, now } = context
  if (!mayPin(context)) return refuse('not_allowed_in_group')
  const found = locateForChange(context, messageId)
  if (!found.ok) return found
  const row = found.value
  if (row.pinned_at !== null) return done(read(context, row))
  const pinned = pins.times(sql, limits.groupPinsMax)
  if (pinned.length >= limits.groupPinsMax) return refuse('pins_full')
  const changed = { ...row, pinned_at: Math.max(now, (pinned[0] ?? 0) + 1), seq: context.change('common') }
  update(sql, changed)
  writeEvent(context, me.user_id, { type: 'messagePinned', messageId })
  return done(read(context, changed))
}

/** Idempotent: succeeds if the message is not pinned. */
export function unpin(context: MemberContext, messageId: string): Outcome<null> {
  const { sql, me } = context
  if (!mayPin(context)) return refuse('not_allowed_in_group')
  // One that was written before the admin joined, or that they have hidden, takes a place as well.
  const row = find(sql, messageId)
  if (!row || (row.pinned_at === null && messageId <= me.visible_after)) return refuse('message_not_found')
  if (row.pinned_at !== null) update(sql, { ...row, pinned_at: null, seq: context.change('common') })
  return done(null)
}

/** The pinned messages that the member sees, newest pin first, of those pinned before a time. */
export function listPins(context: MemberContext, before: number | null, limit: number): Outcome<PinsPage> {
  const { sql, me } = context
  const rows = pins.before(sql, viewOf(me), before ?? Number.MAX_SAFE_INTEGER, limit + 1)
  const page = cutPage(rows, {
    limit,
    toItem: (row) => toMessage(context, me, row),
    placeOf: ({ pinned_at }) => pinned_at ?? 0,
  })
  return done({ ...page, readByAllId: readByAll(context, me) })
}
