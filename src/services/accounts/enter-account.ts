import * as users from '../../../repositories/users'
import type { Verification } from '../../../repositories/verifications'
import { problem } from '../../core/errors'
import { callMailbox, type MailboxStub, unwrap } from '../../http/mailbox-client'

// One for the account that has the number, and one for the account that comes after it.
const attempts = 2

/**
 * Enters the account that has a proven number, or a new one. The mailbox of a user who is gone admits nobody: what is
 * left of their record is removed, and the number is free. A repeated sign-in to such an account throws `otp_used`.
 */
export async function enterAccount(
  env: Env,
  { phoneNumber, candidateUserId }: Verification,
  enter: (mailbox: MailboxStub, user: users.UserRecord) => ReturnType<MailboxStub['signIn']>,
) {
  for (let attempt = 1; attempt <= attempts; attempt++) {
    const user = await users.findOrCreate(env.DB, phoneNumber, candidateUserId, Date.now())
    const issued = await callMailbox(env, user.profile.id, (mailbox) => enter(mailbox, user))
    if (issued.ok || issued.code !== 'user_not_found') return { user, issued: unwrap(issued) }
    await users.remove(env.DB, user.profile.id)
  }
  throw problem('otp_used')
}
