import * as otpSends from '../../../repositories/otp-sends'
import * as verifications from '../../../repositories/verifications'
import type { Verification } from '../../../schemas/authentication'
import { poll } from '../../core/retry'
import { trusts } from '../../settings/send-budgets'
import { type Asked, budgetsOf } from './admission'
import { checksAvailable } from './check-allocation'
import type { Desk } from './context'
import { nextSend, toVerification } from './verification-state'

// For the first call of a request to open its verification.
const firstCallWait = { looks: 9, pauseMs: 250 }

/**
 * The verification that an earlier call of this request has opened, or is about to; null when there was none, or nothing
 * came of it. Who repeats a request knows its id, which nobody else can guess.
 */
export async function openedBefore({ config, db }: Desk, asked: Asked): Promise<Verification | null> {
  const { phoneNumber, send } = asked
  const { requestKeys, now } = send
  if (requestKeys.length === 0) return null
  const look = async () => {
    const opened = await verifications.findOpened(db, phoneNumber, requestKeys, now)
    if (opened) return shown({ config, db }, asked, opened)
    return (await otpSends.isUnderWay(db, send)) ? 'pending' : null
  }
  return poll(look, firstCallWait)
}

async function shown({ config, db }: Pick<Desk, 'config' | 'db'>, asked: Asked, opened: verifications.Verification) {
  const { phoneNumber, send } = asked
  const { challenge, contenders } = await verifications.openCode(db, phoneNumber, send.now)
  const trust = trusts[opened.trust] ?? 'unknown'
  const room = await otpSends.room(db, { ...send, trust }, budgetsOf(config, asked))
  const own = contenders.find(({ id }) => id === opened.id)
  const others = contenders.filter((one) => one !== own)
  const checksLeft = own && challenge ? checksAvailable(own, others, challenge.checks) : 0
  return toVerification(opened, { ...nextSend(config, room, send.now), checksLeft })
}
