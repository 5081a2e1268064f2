import { timingSafeEqual } from 'node:crypto'
import { type TestNumbers, testNumber } from '../../settings/test-numbers'

const refPrefix = 'test.'

/**
 * For the numbers in `OTP_TEST_NUMBERS`: sends nothing, and checks against the code in the settings until it expires.
 */
export class TestOtp {
  readonly #numbers: TestNumbers
  readonly #now: number

  constructor(numbers: TestNumbers, now: number) {
    this.#numbers = numbers
    this.#now = now
  }

  /** Whether a `providerRef` belongs to a test number, not to the provider. */
  static isTestRef = (providerRef: string) => providerRef.startsWith(refPrefix)

  async send({ providerRef }: { providerRef?: string }) {
    return { providerRef: providerRef ?? `${refPrefix}${crypto.randomUUID()}` }
  }

  async cancel() {}

  async check({ phoneNumber, code }: { phoneNumber: string; code: string }) {
    const number = testNumber(this.#numbers, phoneNumber, this.#now)
    if (!number) return 'closed'
    const [expected, given] = [number.code, code].map((digits) => Buffer.from(digits))
    const isRight = expected && given && expected.length === given.length && timingSafeEqual(expected, given)
    return isRight ? 'approved' : 'wrong'
  }
}
