import { env } from 'cloudflare:workers'
import type { SignedIn, Verification } from '../../schemas/authentication'
import { placeOf } from '../../src/core/edge'
import { mintId } from '../../src/core/ids'
import { limits } from '../../src/core/limits'
import { issueTokens } from '../../src/services/accounts/issue-tokens'
import { signIn as enter } from '../../src/services/accounts/sign-in'
import { readConfig } from '../../src/settings/config'
import { baseUrl, ok } from './call'
import { collectFrom } from './log-watch'

/** Codes that the local provider printed, by phone number. */
const printedCodes = new Map<string, string>()

const { log } = console
console.log = (...parts: unknown[]) => {
  const printed = /Code for (\+\d+): (\d+)/.exec(parts.map(String).join(' '))
  if (printed?.[1] && printed[2]) printedCodes.set(printed[1], printed[2])
  log(...parts)
}

/** The latest code that was sent to a phone number. */
export function codeFor(phoneNumber: string): string {
  const code = printedCodes.get(phoneNumber)
  if (!code) throw new Error(`No code was printed for ${phoneNumber}`)
  return code
}

const subscribers = 8_000_000
let subscriber = Math.floor(Math.random() * subscribers)

/** A possible phone number in E.164 that no other call in this file returns. */
export function newPhoneNumber(): string {
  subscriber = (subscriber + 1) % subscribers
  return `+1202${2_000_000 + subscriber}`
}

/** The same in a block of 10,000 numbers of its own: the budgets of a block count what earlier tests sent to it. */
export function newPhoneNumberOfNewBlock(): string {
  subscriber += 10_000
  return newPhoneNumber()
}

/** Signs in on a new device, as a client does: a code is sent, read and entered. */
export async function signIn(phoneNumber = newPhoneNumber()): Promise<SignedIn> {
  const { verificationId } = await ok<Verification>('sendOtp', { body: { phoneNumber } })
  return ok<SignedIn>('verifyOtp', { body: { verificationId, code: codeFor(phoneNumber) } })
}

export interface TestUser {
  id: string
  accessToken: string
  refreshToken: string
  sessionId: string
  phoneNumber: string
}

/** A verification whose number was proven at this moment, though no code was sent. */
const proven = (phoneNumber: string, now: number) => ({
  id: mintId('verification', now),
  phoneNumber,
  channel: 'sms' as const,
  purpose: 'signIn' as const,
  userId: null,
  trust: 0,
  requestKey: null,
  providerRef: null,
  sessionId: mintId('session', now),
  candidateUserId: mintId('user', now),
  createdAt: now,
  expiresAt: now + limits.otpLifetimeSeconds * 1000,
  approvedAt: now,
  codeFingerprint: null,
})

/**
 * A user who has just signed in for the first time, by what `verifyOtp` does once the number is proven: most tests are
 * not about codes, and sending and checking one is most of the work of signing in.
 */
export async function newUser(): Promise<TestUser> {
  const phoneNumber = newPhoneNumber()
  const now = Date.now()
  const { user, issued } = await enter(env, proven(phoneNumber, now), {}, placeOf(new Request(baseUrl)))
  const tokens = await issueTokens(readConfig(env), user.profile.id, issued, now)
  collectFrom({ phoneNumber, tokens })
  const { accessToken, refreshToken, sessionId } = tokens
  return { id: user.profile.id, accessToken, refreshToken, sessionId, phoneNumber }
}
