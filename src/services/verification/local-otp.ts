import { randomBytes } from 'node:crypto'
import { problem } from '../../core/errors'
import { limits } from '../../core/limits'
import type { Config } from '../../settings/config'
import { signatures } from '../../settings/signing'

// The URL parser has already normalized addresses to their canonical form. RFC 6761 keeps `.localhost` on loopback.
const isLoopback = ({ hostname }: URL) =>
  /^(?:(?:.+\.)?localhost|127(?:\.\d{1,3}){3})$/.test(hostname) || hostname === '[::1]'

const isListed = (hosts: string[], hostname: string) =>
  hosts.some((host) => host === '*' || host === hostname || (host.startsWith('*.') && hostname.endsWith(host.slice(1))))

const setting = 'OTP_LOCAL_HOSTS'

/** Says in the terminal and in the problem why no code is printed, and what to do about it. */
function refuse(hostname: string) {
  const remedy = `To allow it, add ${setting}=${hostname} to .dev.vars, and restart.`
  console.log(`No code for a request to ${hostname}: codes are printed for loopback hosts only. ${remedy}`)
  return problem('host_not_allowed', { detail: `This server prints codes, for loopback hosts only. ${remedy}` })
}

type LocalConfig = Extract<Config, { OTP_PROVIDER: 'local' }>

/**
 * For development: prints codes instead of sending them. `providerRef` is a nonce. The code is derived from the nonce,
 * the number, and the secret, so it is stored nowhere, and the same one can be printed again.
 */
export class LocalOtp {
  readonly #config: Config

  /**
   * Throws `host_not_allowed` unless the request came to a loopback host, or to one that the settings name: on any other,
   * anyone who reads the log could sign in as anyone.
   */
  constructor(config: LocalConfig, requestUrl: string) {
    const url = new URL(requestUrl)
    if (!isLoopback(url) && !isListed(config.OTP_LOCAL_HOSTS, url.hostname)) throw refuse(url.hostname)
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
