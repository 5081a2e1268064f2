import type { GroupPicture } from '../../../src/core/group'
import { limits } from '../../../src/core/limits'
import { done, type Outcome, refuse } from '../../durable/outcome'
import type { GroupContext, MemberContext } from '../context'
import type { ExpectedPicture, GroupChange } from '../shapes'
import { pictureOf, settingsOf } from '../tables/facts'
import * as pictures from '../tables/pictures'

/**
 * The picture of a group is a file of its own in R2, which the worker copies from a member's before the group shows it. The
 * group knows of each from before it is written until after it is removed.
 */

/** Settings are for owners and admins; who may change the rest is a setting. */
export function mayChange({ me, facts }: MemberContext, { settings }: Pick<GroupChange, 'settings'>): boolean {
  if (me.role !== 'member') return true
  return settings === undefined && settingsOf(facts.row).editBy === 'members'
}

/** Announces the file to which a member's picture is about to be copied. It is removed if the group does not show it soon. */
export function expectPicture(context: MemberContext, expected: ExpectedPicture): Outcome<{ isShown: boolean }> {
  const { sql, now, facts } = context
  if (!mayChange(context, {})) return refuse('not_allowed_in_group')
  if (pictureOf(facts.row)?.sourceId === expected.sourceId) return done({ isShown: true })
  pictures.removeAt(sql, expected.fileId, now + limits.groupPictureMs)
  return done({ isShown: false })
}

/** Replaces the picture in storage: the former one goes. Refuses one whose file may be gone already. */
export function replacePicture(context: GroupContext, picture: GroupPicture | null): Outcome<null> {
  const { sql, now, facts } = context
  if (picture && !pictures.keep(sql, picture.file.fileId, now)) return refuse('service_unavailable')
  const former = pictureOf(facts.row)
  if (former) pictures.removeAt(sql, former.file.fileId, now)
  return done(null)
}

/** A group without members shows nothing to anybody. */
export function dropPicture(context: GroupContext) {
  replacePicture(context, null)
  context.facts.save({ ...context.facts.row, picture: null })
}
