import * as openCodes from '../../../repositories/open-codes'
import * as otpSends from '../../../repositories/otp-sends'
import * as sendAvailability from '../../../repositories/send-availability'
import * as verifications from '../../../repositories/verifications'
import type { Verification } from '../../../schemas/authentication'
import { poll } from '../../core/retry'
import { trustLevels } from '../../settings/send-budgets'
import { budgetsOf, type SendAttempt } from './admission'
import { checksAvailable } from './check-allocation'
import type { VerificationContext } from './context'
import { nextSend, toVerification } from './verification-state'

// Time for the first call of a request to open its verification.
const firstCallWait = { looks: 9, pauseMs: 250 }

/**
 * Returns the verification that an earlier call of this request has opened, or is about to open; null if there was no
 * such call, or it opened none. Whoever repeats a request knows its id, which nobody else can guess.
 */
export async function repeatedRequest(
  context: VerificationContext,
  attempt: SendAttempt,
): Promise<Verification | null> {
  const { phoneNumber, send } = attempt
  const { requestKeys, now } = send
  if (requestKeys.length === 0) return null
  const look = async () => {
    const opened = await verifications.findOpened(context.db, phoneNumber, requestKeys, now)
    if (opened) return withPresentState(context, attempt, opened)
    return (await otpSends.isInProgress(context.db, send)) ? 'pending' : null
  }
  return poll(look, firstCallWait)
}

async function withPresentState(
  { config, db }: VerificationContext,
  attempt: SendAttempt,
  opened: verifications.Verification,
) {
  const { phoneNumber, send } = attempt
  const { challenge, contenders } = await openCodes.find(db, phoneNumber, send.now)
  const trust = trustLevels[opened.trust] ?? 'unknown'
  const availability = await sendAvailability.find(db, { ...send, trust }, budgetsOf(config, attempt))
  const own = contenders.find(({ id }) => id === opened.id)
  const others = contenders.filter((one) => one !== own)
  const checksLeft = own && challenge ? checksAvailable(own, others, challenge.checks) : 0
  return toVerification(opened, { ...nextSend(config, availability, send.now), checksLeft })
}
