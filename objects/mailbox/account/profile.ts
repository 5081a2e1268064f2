import { limits } from '../../../src/core/limits'
import { isSamePhone } from '../../../src/core/phone-forms'
import type { OwnProfile } from '../../../src/core/profile'
import { done, type Outcome } from '../../durable/outcome'
import type { CallerContext, MailboxContext } from '../context'
import { claimAvatar, releaseAvatars } from '../files/avatars'
import * as sessions from '../sessions/sessions'

/**
 * D1 holds a user's record, and the mailbox follows it. A new phone number there ends all sessions except the one that
 * changed it, in the block in which the mailbox learns of the change, whatever reports it: the call that made the
 * change, a later call, or the alarm if neither came.
 */
const numberChangerKey = 'number_changer'

/** Has the alarm fetch the record from D1, unless the result of the change is reported before then. */
function expectChange(context: CallerContext) {
  const due = context.now + limits.profileSyncMs
  context.profile.expect(due)
  context.wakeBy(due)
}

/**
 * Announces that the profile in D1 is about to change, so that peers learn of it even if nobody reports the result, and
 * protects the file that is to become its picture from deletion.
 */
export function expectProfile(context: CallerContext, avatarFileId: string | null): Outcome<null> {
  const claimed = avatarFileId === null ? done(null) : claimAvatar(context, avatarFileId)
  if (!claimed.ok) return claimed
  expectChange(context)
  return done(null)
}

/**
 * Announces that the caller is about to change the phone number. The caller's session is the one that survives the
 * change.
 */
export function expectPhoneNumber(context: CallerContext): Outcome<null> {
  context.values.write(numberChangerKey, context.sessionId)
  expectChange(context)
  return done(null)
}

/** Stores the record that a sign-in brings. Peers are told with the next delivery. */
export function signedInWith(context: MailboxContext, own: OwnProfile) {
  endOtherSessions(context, own)
  const isNew = context.profile.save(context, own)
  if (isNew && context.chats.all().length > 0) context.wakeBy(context.now + limits.deliveryAlarmMs)
}

/** Stores the record that D1 holds now, has peers told of it, and releases former pictures. */
export function setProfile(context: MailboxContext, own: OwnProfile) {
  endOtherSessions(context, own)
  if (context.profile.save(context, own)) context.wakeBy(context.now)
  releaseAvatars(context, context.profile.find()?.profile.avatarFileId ?? null)
}

/** Must run before the newer record is saved. Another form of the same number is not a new one. */
function endOtherSessions(context: MailboxContext, { own, revision }: OwnProfile) {
  const known = context.profile.find()
  if (!known || known.revision >= revision || isSamePhone(known.own.phoneNumber, own.phoneNumber)) return
  const changer = context.values.read(numberChangerKey) ?? ''
  sessions.endOthers(context, changer, { reason: 'phone_number_changed' })
}
