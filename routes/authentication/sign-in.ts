import type { Verification } from '../../repositories/verifications'
import type { Place } from '../../schemas/session'
import { enterAccount } from './enter-account'

/** Opens the session of a proven verification, for the user who has the number or a new one. */
export async function signIn(
  env: Env,
  verification: Verification,
  device: { deviceName?: string | undefined; platform?: string | undefined },
  place: Place,
) {
  const input = {
    sessionId: verification.sessionId,
    deviceName: device.deviceName ?? null,
    platform: device.platform ?? null,
    place,
  }
  const { user, issued } = await enterAccount(env, verification, (mailbox, user) => mailbox.signIn(input, user))
  return { user, issued, isNewUser: user.profile.id === verification.candidateUserId }
}
