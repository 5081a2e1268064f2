// A caller who requests codes from a place on the network.
import { vi } from 'vitest'
import type { SignedIn, Verification } from '../../schemas/authentication'
import type { ProblemCode } from '../../src/core/errors'
import { type Answer, requestOf, send } from './call'

/** Where a request comes from, as the edge reports it. */
export interface Place {
  ip?: string
  country?: string
  asn?: number
}

export type OtpAnswer = Verification & {
  code: ProblemCode
  resendAt: string
  checksLeft: number | null
  channels: string[]
}

/** The default figures, and whatever else a deployment has. */
export const asDeployed = (settings: Record<string, unknown> = {}): Partial<Env> => {
  const figures: object = { OTP_BUDGETS: '{}', ...settings }
  return figures
}

const addressed = (operationId: string, body: object, { ip, ...cf }: Place) =>
  new Request(requestOf(operationId, { body, headers: ip === undefined ? {} : { 'CF-Connecting-IP': ip } }), { cf })

/** A caller at a place, under the settings. */
export const at = (place: Place = {}, env: Partial<Env> = asDeployed()) => ({
  ask: (phoneNumber: string, more: object = {}): Promise<Answer<OtpAnswer>> =>
    send(addressed('sendOtp', { phoneNumber, ...more }, place), { env }),
  give: (verificationId: string, code: string): Promise<Answer<SignedIn & { code: ProblemCode }>> =>
    send(addressed('verifyOtp', { verificationId, code }, place), { env }),
})

let address = 0

/** An IPv4 address that no other call in this file returns, in a /24 of its own. */
export function newAddress(): string {
  address++
  return `${20 + (address >> 16)}.${(address >> 8) & 255}.${address & 255}.7`
}

/** A clock that the tests of a file advance. Each test starts days after the last, when nothing counts anymore. */
export class Clock {
  #now = Date.now()

  constructor() {
    this.#set()
  }

  #set() {
    vi.useFakeTimers({ toFake: ['Date'], now: this.#now })
  }

  get now() {
    return this.#now
  }

  pass(seconds: number) {
    this.#now += seconds * 1000
    this.#set()
  }

  until(time: number | string) {
    this.#now = typeof time === 'number' ? time : Date.parse(time)
    this.#set()
  }
}
