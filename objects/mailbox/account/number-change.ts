import { limits } from '../../../src/core/limits'
import type { OwnProfile } from '../../../src/core/profile'
import type { Box, CallerBox } from '../context'
import * as sessions from '../sessions/sessions'
import * as meta from '../tables/key-values'

/**
 * Another number in D1 ends all sessions but the one that changed it, in the block in which the mailbox learns of it,
 * whoever says so: the call that made the change, a later one, or the alarm when neither came.
 */
const key = 'number_changer'

export function expect(box: CallerBox) {
  meta.write(box.sql, key, box.sessionId)
  meta.expectProfile(box.sql, box.now + limits.profileSyncMs)
}

/** For before the newer profile is saved. */
export function endOtherSessions(box: Box, { own, revision }: OwnProfile) {
  const known = meta.ownProfile(box.sql)
  if (!known || known.revision >= revision || known.own.phoneNumber === own.phoneNumber) return
  sessions.endOthers(box, meta.read(box.sql, key) ?? '', { reason: 'phone_number_changed' })
}
