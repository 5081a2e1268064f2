// The fake Twilio Verify v2 as tests see it: how to reach it, and what makes it respond out of the ordinary.
import { inject } from 'vitest'

declare module 'vitest' {
  interface ProvidedContext {
    /** The origin of the fake. */
    verifyUrl: string
  }
}

export const verifyAccount = {
  accountSid: `AC${'1'.repeat(32)}`,
  authToken: 'the auth token of the fake account',
  serviceSid: `VA${'2'.repeat(32)}`,
} as const

/** Phone numbers that are never sent a code. */
export const sendFaults = {
  invalid: '+15005550001',
  /** A trial account sends only to its own numbers. */
  trial: '+15005550002',
  landline: '+15005550003',
  vetting: '+15005550004',
  channelOff: '+15005550005',
  embargo: '+15005550006',
  fraudGuard: '+15005550007',
  geoPermissions: '+15005550008',
  concurrent: '+15005550009',
  tooManyRequests: '+15005550010',
  broken: '+15005550011',
  /** Never responds. */
  silent: '+15005550012',
  /** Never ends its response. */
  stalled: '+15005550013',
  /** Responds with a page for people. */
  garbled: '+15005550014',
  redirected: '+15005550015',
  /** Responds 201 without a SID. */
  incomplete: '+15005550016',
  /** Well-formed, but nobody's. */
  nobodys: '+15005550017',
  /** Refused with a code that is in no list. */
  unlisted: '+15005550018',
  /** Refused with a page for people. */
  page: '+15005550019',
  /** The account is not active. */
  suspended: '+15005550020',
} as const

/** Codes that make a check of any verification fail; no verification has them. */
export const checkFaults = {
  tooManyRequests: '000010',
  broken: '000011',
  silent: '000012',
  stalled: '000013',
  garbled: '000014',
  redirected: '000015',
  attemptsReached: '000016',
  canceled: '000017',
  unlisted: '000018',
  suspended: '000019',
} as const

/** Languages in which the fake has a text. */
export const verifyLocales: readonly string[] = ['en', 'de', 'pt-BR']

/** What the fake was asked, apart from requests to `/_test`. */
export interface VerifyRequest {
  method: string
  path: string
  contentType: string
  authorization: string
  form: Record<string, string>
}

/** The settings with which the worker uses the fake. */
export const verifySettings = () => ({
  OTP_PROVIDER: 'twilio' as const,
  TWILIO_BASE_URL: inject('verifyUrl'),
  TWILIO_ACCOUNT_SID: verifyAccount.accountSid,
  TWILIO_AUTH_TOKEN: verifyAccount.authToken,
  TWILIO_VERIFY_SERVICE_SID: verifyAccount.serviceSid,
})

async function ask<T>(method: string, path: string, to: string): Promise<T> {
  const response = await fetch(`${inject('verifyUrl')}/_test/${path}?to=${encodeURIComponent(to)}`, { method })
  if (!response.ok) throw new Error(`The fake knows of no ${path} for ${to}`)
  return response.json()
}

/** The code of a number's open verification. */
export const sentCode = async (to: string) => (await ask<{ code: string }>('GET', 'codes', to)).code

/** Lets a number's open verification expire. */
export const expireVerification = (to: string) => ask('DELETE', 'codes', to)

/** Asks for as many codes as can be sent to a number in ten minutes, bypassing the worker. */
export async function useUpSends(to: string) {
  const service = `${inject('verifyUrl')}/v2/Services/${verifyAccount.serviceSid}`
  const Authorization = `Basic ${btoa(`${verifyAccount.accountSid}:${verifyAccount.authToken}`)}`
  const send = () =>
    fetch(`${service}/Verifications`, {
      method: 'POST',
      headers: { Authorization },
      body: new URLSearchParams({ To: to, Channel: 'sms' }),
    })
  while ((await send()).ok);
}

/** Every request about a number, oldest first. */
export const verifyRequests = (to: string) => ask<VerifyRequest[]>('GET', 'requests', to)
