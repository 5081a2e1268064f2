import type { PrivateProfile } from '../../../src/core/profile'
import type { MailboxContext } from '../context'
import * as contacts from '../tables/contacts'
import { ownProfile } from '../tables/profile'

/** The setting that says for whom something is. */
type AudienceOf = Extract<keyof PrivateProfile, `${string}Audience`>

/** Whether the owner's audience for something includes a user. */
export function isInAudience(context: MailboxContext, userId: string, of: AudienceOf): boolean {
  const audience = ownProfile(context.sql)?.own[of] ?? 'everyone'
  return audience === 'everyone' || (audience === 'contacts' && contacts.isSaved(context.sql, userId))
}
