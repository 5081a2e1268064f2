import type { GroupSettings } from '../../../src/core/group'
import { done, type Outcome, refuse } from '../../durable/outcome'
import { myHead } from '../changes/to-member'
import type { MemberContext } from '../context'
import { writeEvent } from '../messages/events'
import type { GroupChange } from '../shapes'
import { settingsOf } from '../tables/facts'
import { mayChange, replacePicture } from './picture'

const defined = (settings: GroupChange['settings'] = {}) =>
  Object.fromEntries(Object.entries(settings).filter(([, value]) => value !== undefined)) as Partial<GroupSettings>

export function updateGroup(context: MemberContext, change: GroupChange): Outcome<ReturnType<typeof myHead>> {
  const { facts, me } = context
  if (!mayChange(context, change)) return refuse('not_allowed_in_group')
  const before = facts.row
  const title = change.title ?? before.title
  const about = change.about === undefined ? before.about : change.about || null
  const settings = JSON.stringify({ ...settingsOf(before), ...defined(change.settings) })
  const picture = change.picture === undefined ? before.picture : change.picture && JSON.stringify(change.picture)
  const isSame = title === before.title && about === before.about && settings === before.settings
  if (isSame && picture === before.picture) return done(myHead(context))
  const replaced = picture === before.picture ? done(null) : replacePicture(context, change.picture ?? null)
  if (!replaced.ok) return replaced
  context.change('common')
  facts.save({ ...facts.row, title, about, picture, settings })
  const newTitle = title === before.title ? null : title
  writeEvent(context, me.user_id, { type: 'groupUpdated', userIds: [], title: newTitle, role: null })
  return done(myHead(context))
}
