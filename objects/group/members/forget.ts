import type { GroupProfile } from '../../../src/core/group'
import type { GroupContext } from '../context'
import { depart } from './membership'
import { dropRequest } from './request-count'

/** What is left of a profile once the account was deleted. */
const nameless = (id: string): GroupProfile => ({
  id,
  username: null,
  firstName: null,
  lastName: null,
  avatarFileId: null,
})

/** An account was deleted: its membership, or its request for one, ends, and what it wrote stays, under no name. */
export function forgetAccount(context: GroupContext, userId: string) {
  const { members } = context
  dropRequest(context, userId)
  const member = members.member(userId)
  if (member) depart(context, member)
  const former = members.find(userId)
  if (!former) return
  const profile = JSON.stringify(nameless(userId))
  const seq = profile === former.profile ? former.seq : context.change('common')
  members.save({ ...former, profile, seq, owed: 0, attempts: 0, retry_at: 0 })
}
