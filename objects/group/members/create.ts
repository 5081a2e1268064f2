import { defaultGroupSettings } from '../../../src/core/group'
import type { GroupContext } from '../context'
import { writeEvent } from '../messages/events'
import type { Actor, Membership, NewGroup } from '../shapes'
import { enter, toMembership } from './membership'

/** Begins a group, with whoever creates it as its owner. */
export function create(context: GroupContext, founder: Actor, { title, about, settings }: NewGroup): Membership {
  const { facts, now } = context
  facts.save({
    ...{ id: 1, seq: 0, common_seq: 0, told: 0, told_common: 0, changed_at: now, search: null },
    ...{ title, about, picture: null, settings: JSON.stringify({ ...defaultGroupSettings, ...settings }) },
    ...{ created_by: founder.userId, created_at: now, greatest_id: '' },
    ...{ ban_count: 0, join_request_count: 0, restored: 0, ended_at: null },
  })
  context.change('common')
  const owner = enter(context, founder, 'owner')
  writeEvent(context, founder.userId, { type: 'groupCreated', userIds: [], title, role: null })
  return toMembership(context, owner)
}
