import { createHmac, timingSafeEqual } from 'node:crypto'
import { BoundedMap } from '../core/bounded-map'
import { limits } from '../core/limits'
import type { Config } from './config'

/** What a secret is used for. Each purpose has its own key, derived from the one secret. */
type Purpose =
  | 'access-token'
  | 'refresh-token'
  | 'refresh-token-mac'
  | 'ticket-mac'
  | 'otp-code'
  | 'file-link'
  | 'lookup'
  | 'send'
  | 'report'
  | 'session-log'

const derived = new Map<string, Buffer>()

/** The key of a secret for one purpose. There are a few of each, so every key is derived once. */
export function deriveKey(secret: string, purpose: Purpose): Buffer {
  const name = `${purpose}.${secret}`
  const known = derived.get(name)
  if (known) return known
  const key = createHmac('sha256', secret).update(purpose).digest()
  derived.set(name, key)
  return key
}

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

const sessionHashes = new WeakMap<Config, BoundedMap<string, string>>()

/** Stands for a session in the log: the lines of one session can be found, and its id cannot. */
export function sessionHash(config: Config, sessionId: string): string {
  const hashes = sessionHashes.get(config) ?? new BoundedMap<string, string>(limits.verifiedTokensMax)
  sessionHashes.set(config, hashes)
  const hash = hashes.get(sessionId) ?? shortMac(config, 'session-log', sessionId)
  hashes.set(sessionId, hash)
  return hash
}

function isEqual(given: string, expected: string): boolean {
  const [a, b] = [Buffer.from(given), Buffer.from(expected)]
  return a.length === b.length && timingSafeEqual(a, b)
}

/** Whether `signature` is that of `text` under the current or the previous secret, compared in constant time. */
export const verifySignature = (config: Config, purpose: Purpose, text: string, signature: string): boolean =>
  signatures(config, purpose, text).some((one) => isEqual(signature, one))

/** 96 bits: nobody can guess one over the network. */
export const macCharacters = 16

const shortened = (signature: string) => signature.slice(0, macCharacters)

/**
 * A short fingerprint of `text`, to append to it: whoever gets the text back can tell that it was issued here, without
 * asking anything that is stored.
 */
export const shortMac = (config: Config, purpose: Purpose, text: string) => shortened(sign(config, purpose, text))

/** Whether `mac` is that of `text` under the current or the previous secret, compared in constant time. */
export const verifyShortMac = (config: Config, purpose: Purpose, text: string, mac: string): boolean =>
  signatures(config, purpose, text).some((one) => isEqual(mac, shortened(one)))
