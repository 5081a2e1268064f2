import { createHmac, timingSafeEqual } from 'node:crypto'
import type { Config } from './config'

/** What a secret is used for. Each purpose has its own key, derived from the one secret. */
type Purpose = 'access-token' | 'refresh-token' | 'otp-code' | 'file-link' | 'lookup' | 'send'

export const deriveKey = (secret: string, purpose: Purpose) => createHmac('sha256', secret).update(purpose).digest()

/** The currently valid secrets, the one to sign with first. */
const secretsOf = ({ JWT_SECRET, JWT_SECRET_PREVIOUS }: Config) =>
  JWT_SECRET_PREVIOUS ? [JWT_SECRET, JWT_SECRET_PREVIOUS] : [JWT_SECRET]

const signWith = (secret: string, purpose: Purpose, text: string) =>
  createHmac('sha256', deriveKey(secret, purpose)).update(text).digest('base64url')

/** A keyed fingerprint of `text` in base64url. */
export const sign = (config: Config, purpose: Purpose, text: string) => signWith(config.JWT_SECRET, purpose, text)

/** The fingerprints of `text` under each currently valid secret. The first is the one that `sign` returns. */
export const signatures = (config: Config, purpose: Purpose, text: string): string[] =>
  secretsOf(config).map((secret) => signWith(secret, purpose, text))

/** Whether `signature` is that of `text` under the current or the previous secret, compared in constant time. */
export function verifySignature(config: Config, purpose: Purpose, text: string, signature: string): boolean {
  const given = Buffer.from(signature)
  return signatures(config, purpose, text).some((one) => {
    const expected = Buffer.from(one)
    return given.length === expected.length && timingSafeEqual(given, expected)
  })
}
