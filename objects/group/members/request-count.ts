import { limits } from '../../../src/core/limits'
import type { GroupContext } from '../context'
import * as requests from '../tables/join-requests'

/**
 * Counts requests to join, and has the owner and admins told: they alone see the figure. If they are many, all members are
 * called, which writes no row for each of them.
 */
export function countRequest(context: GroupContext, difference: 1 | -1) {
  const { facts, members } = context
  const admins = members.present().filter(({ role }) => role !== 'member')
  const isCommon = admins.length > limits.groupAdminsToldMax
  const seq = context.change(isCommon ? 'common' : 'own')
  facts.save({ ...facts.row, join_request_count: facts.row.join_request_count + difference })
  if (!isCommon) for (const admin of admins) members.save({ ...admin, own_seq: seq })
}

/** Forgets a user's request to join. Returns whether there was one. */
export function dropRequest(context: GroupContext, userId: string): boolean {
  const { sql, facts } = context
  if (facts.row.join_request_count === 0 || !requests.remove(sql, userId)) return false
  countRequest(context, -1)
  return true
}
