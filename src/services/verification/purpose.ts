import type { Context } from 'hono'
import type { OtpPurpose } from '../../../schemas/authentication'
import type { AppEnv } from '../../http/app-env'
import { callMailbox, unwrap } from '../../http/mailbox-client'
import { bearerSession } from '../../http/session-guard'

/** What a code is for, and for whom: it proves nothing else. */
export type Purpose = { purpose: 'signIn' } | { purpose: 'changePhoneNumber'; userId: string }

export const userIdOf = (purpose: Purpose) => (purpose.purpose === 'signIn' ? null : purpose.userId)

/** What a code is asked for, and for whom: a caller whose session lives, unless it is for signing in. */
export async function purposeOf(c: Context<AppEnv>, purpose: OtpPurpose): Promise<Purpose> {
  if (purpose === 'signIn') return { purpose }
  const session = await bearerSession(c)
  c.set('session', session)
  const { userId, sessionId } = session
  const caller = { sessionId, origin: new URL(c.req.url).origin }
  unwrap(await callMailbox(c.env, userId, (mailbox) => mailbox.checkSession(caller)))
  return { purpose, userId }
}
