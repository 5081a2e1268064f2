import type { z } from 'zod'
import type { Verification } from '../../../repositories/verifications'
import type { OtpCheck } from '../../../schemas/authentication'
import type { Place } from '../../core/edge'
import { enterAccount } from './enter-account'
import { readRefreshToken } from './issue-tokens'

/**
 * Opens the session of a proven verification, for the user who has the number or a new one. A refresh token of the
 * account preserves the account for its owner, however long it was unused.
 */
export async function signIn(
  env: Env,
  verification: Verification,
  device: Pick<z.infer<typeof OtpCheck>, 'deviceName' | 'platform' | 'previousRefreshToken'>,
  place: Place,
) {
  const input = {
    sessionId: verification.sessionId,
    deviceName: device.deviceName ?? null,
    platform: device.platform ?? null,
    place,
  }
  const previous = readRefreshToken(device.previousRefreshToken ?? '')
  const { user, issued } = await enterAccount(env, verification, (mailbox, user) =>
    mailbox.signIn(input, user, previous?.userId === user.profile.id ? previous.presented : null),
  )
  return { user, issued, isNewUser: user.profile.id === verification.candidateUserId }
}
