import type { SignedIn, Verification } from '../../schemas/authentication'
import { ok } from './call'

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

/** A user who has just signed in for the first time. */
export async function newUser(): Promise<TestUser> {
  const phoneNumber = newPhoneNumber()
  const { tokens, user } = await signIn(phoneNumber)
  const { accessToken, refreshToken, sessionId } = tokens
  return { id: user.id, accessToken, refreshToken, sessionId, phoneNumber }
}
