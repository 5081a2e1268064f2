import { randomBytes } from 'node:crypto'
import { limits } from '../../core/limits'
import type { Config } from '../../settings/config'
import { signatures } from '../../settings/signing'

// The URL parser has already normalized addresses to their canonical form. RFC 6761 keeps `.localhost` on loopback.
const isLoopback = ({ hostname }: URL) =>
  /^(?:(?:.+\.)?localhost|127(?:\.\d{1,3}){3})$/.test(hostname) || hostname === '[::1]'

/**
 * For development: prints codes instead of sending them. `providerRef` is a nonce. The code is derived from the nonce,
 * the number, and the secret, so it is stored nowhere, and the same one can be printed again.
 */
export class LocalOtp {
  readonly #config: Config

  /**
   * Throws unless the request came to a loopback host: on any other, anyone who reads the log could sign in as anyone.
   */
  constructor(config: Config, requestUrl: string) {
    if (!isLoopback(new URL(requestUrl)))
      throw new Error('Configuration: OTP_PROVIDER is local, which serves loopback hosts alone')
    this.#config = config
  }

  async send({ phoneNumber, providerRef }: { phoneNumber: string; providerRef?: string }) {
    const nonce = providerRef ?? randomBytes(16).toString('base64url')
    console.log(`Code for ${phoneNumber}: ${this.#codesOf(nonce, phoneNumber)[0]}`)
    return { providerRef: nonce }
  }

  async cancel() {}

  async check({ providerRef, phoneNumber, code }: { providerRef: string; phoneNumber: string; code: string }) {
    return this.#codesOf(providerRef, phoneNumber).includes(code) ? 'approved' : 'wrong'
  }

  /** The code under the current secret, and under the previous one. */
  #codesOf(nonce: string, phoneNumber: string): string[] {
    return signatures(this.#config, 'otp-code', `${nonce}.${phoneNumber}`).map((fingerprint) => {
      // 48 bits: all codes are about equally likely.
      const number = Buffer.from(fingerprint, 'base64url').readUIntBE(0, 6) % 10 ** limits.otpCodeDigits
      return String(number).padStart(limits.otpCodeDigits, '0')
    })
  }
}
