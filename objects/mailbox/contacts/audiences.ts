import type { MailboxContext } from '../context'
import * as contacts from '../tables/contacts'
import type { AudienceSetting } from '../tables/profile'

/** Whether the owner's audience for something includes a user. */
export function isInAudience({ sql, profile }: MailboxContext, userId: string, of: AudienceSetting): boolean {
  const audience = profile.audience(of)
  return audience === 'everyone' || (audience === 'contacts' && contacts.isSaved(sql, userId))
}
