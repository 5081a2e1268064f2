// Two users who know each other and are in a group, each with a device.
import { setTimeout as sleep } from 'node:timers/promises'
import type { Timing } from '../../../examples/typescript/timing.ts'
import { random } from '../../support/random.ts'
import type { Runtime } from '../runtime/runtime.ts'
import { acquaint, type SignedInUser } from '../runtime/sign-in.ts'
import { Device } from './device.ts'
import type { Kit } from './package.ts'
import { SharedGroup } from './shared-group.ts'

const firstSubscriber = 2_000_000
let signedIn = 0

interface PairOptions {
  kit: Kit
  runtime: Runtime
  seed: number
  timing: Partial<Timing>
}

async function openDevice({ kit, runtime, seed, timing }: PairOptions) {
  const phoneNumber = `+1202${firstSubscriber + signedIn++}`
  const tokens = { load: () => undefined, save: () => {}, clear: () => {} }
  const { http } = kit.apiClient({ origin: runtime.origin, tokens, onSignedOut: () => {} })
  const { verificationId } = await kit.answer(http.POST('/v1/auth/otp', { body: { phoneNumber } }))
  while (!runtime.codes.has(phoneNumber)) await sleep(10)
  const body = { verificationId, code: runtime.codes.get(phoneNumber) ?? '' }
  const { user, tokens: first } = await kit.answer(http.POST('/v1/auth/otp/verify', { body }))
  const fromNow = random(seed).below(2) === 0
  const device = await Device.open({ kit, runtime, tokens: first, userId: user.id, seed, fromNow, timing })
  return { kit, device, origin: runtime.origin, token: first.accessToken }
}

/** Opens two devices behind networks without faults, not yet running, and a group of their users. */
export async function openPair(options: PairOptions) {
  const { runtime, seed } = options
  const [one, other] = [2 * seed, 2 * seed + 1]
  const pair = await Promise.all([openDevice({ ...options, seed: one }), openDevice({ ...options, seed: other })])
  const userOf = ({ device, token }: (typeof pair)[number]) => ({ id: device.userId, token })
  const users: [SignedInUser, SignedInUser] = [userOf(pair[0]), userOf(pair[1])]
  await acquaint(runtime, users)
  return { pair, group: await SharedGroup.open(runtime, users) }
}
