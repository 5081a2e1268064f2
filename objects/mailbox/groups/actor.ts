import type { Actor } from '../../group/shapes'
import type { MailboxContext } from '../context'

/** The owner, as groups get to know them; null before their profile is known. */
export function actorOf({ userId, profile }: Pick<MailboxContext, 'userId' | 'profile'>): Actor | null {
  const own = profile.find()
  return own ? { userId, profile: own.profile, revision: own.revision } : null
}
