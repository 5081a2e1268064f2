import type { GroupMember } from '../../../src/core/group'
import type { Page } from '../../durable/page'
import { showsMarks } from '../changes/to-member'
import type { MemberContext } from '../context'
import { toMember } from '../tables/members'

/** The members of a group by their ids, after one of them; former ones only on demand. */
export function listMembers(
  { members }: MemberContext,
  after: string | null,
  limit: number,
  left: boolean,
): Page<GroupMember, string> {
  const present = left ? 0 : 1
  const all = members
    .all()
    .filter((row) => row.present === present && row.user_id > (after ?? ''))
    .toSorted((a, b) => (a.user_id < b.user_id ? -1 : 1))
  const shown = all.slice(0, limit)
  const marks = showsMarks(members)
  return {
    items: shown.map((row) => toMember(row, marks)),
    next: all.length > limit ? (shown.at(-1)?.user_id ?? null) : null,
  }
}
