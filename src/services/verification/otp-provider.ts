import type { Config } from '../../settings/config'
import { LocalOtp } from './local-otp'
import { TwilioVerify } from './twilio-verify'

/**
 * Sends one-time codes and checks them. At most one code per number is open; it is valid for ten minutes from when it
 * was first sent.
 */
export interface OtpProvider {
  /**
   * Sends a code: the open one again, or a new one. `providerRef` is what a check needs to find the code again; it does
   * not reveal the code, and is the same for the same code. Throws `phone_number_invalid`, `phone_number_refused`,
   * `otp_sends_exhausted` (for this code; a new one can be sent once it is canceled), `resend_too_soon`, or
   * `otp_provider_unavailable`.
   */
  send(request: {
    /** E.164. */
    phoneNumber: string
    channel: 'sms' | 'call' | 'whatsapp'
    /** BCP 47. A language that the provider has no text in is replaced by that of the number's country. */
    locale?: string
    /** The code that is believed to be open. */
    providerRef?: string
  }): Promise<{ providerRef: string }>
  /**
   * Closes a code, so that the next one sent is new. Idempotent: succeeds if the code was closed before. Throws
   * `otp_provider_unavailable`.
   */
  cancel(providerRef: string): Promise<void>
  /**
   * Whether the code is correct. `closed`: the provider knows of no open verification, because it was used or has
   * expired. `locked`: it took too many wrong codes. Throws `otp_provider_unavailable`.
   */
  check(given: {
    providerRef: string
    phoneNumber: string
    code: string
  }): Promise<'approved' | 'wrong' | 'closed' | 'locked'>
}

/** Returns the provider that the settings name, for one request. */
export const otpProvider = (config: Config, requestUrl: string): OtpProvider =>
  config.OTP_PROVIDER === 'twilio' ? new TwilioVerify(config) : new LocalOtp(config, requestUrl)
