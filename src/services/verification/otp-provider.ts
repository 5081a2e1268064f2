import type { Config } from '../../settings/config'
import { LocalOtp } from './local-otp'
import { TwilioVerify } from './twilio-verify'

/** Sends one-time codes and checks them. Of a number one code at most is open; it is good for ten minutes from its first sending. */
export interface OtpProvider {
  /**
   * Sends a code: the open one again, or a new one. `providerRef` is what a check needs to find it again, and tells nobody
   * the code; the same for the same code. Throws `phone_number_invalid`, `phone_number_refused`, `otp_sends_exhausted`
   * (of this code; a new one may be sent once it is cancelled), `resend_too_soon` or `otp_provider_unavailable`.
   */
  send(request: {
    /** E.164. */
    phoneNumber: string
    channel: 'sms' | 'call' | 'whatsapp'
    /** BCP 47; a language that the provider has no text in gives way to that of the number's country. */
    locale?: string
    /** The code that is thought to be open. */
    providerRef?: string
  }): Promise<{ providerRef: string }>
  /** Closes a code, so that the next one sent is a new one; also when it was closed before. Throws `otp_provider_unavailable`. */
  cancel(providerRef: string): Promise<void>
  /**
   * Whether the code is right. `closed`: the provider knows of no open verification, as it was used or has expired.
   * `locked`: it took too many wrong codes. Throws `otp_provider_unavailable`.
   */
  check(given: {
    providerRef: string
    phoneNumber: string
    code: string
  }): Promise<'approved' | 'wrong' | 'closed' | 'locked'>
}

/** The provider that the settings name, for one request. */
export const otpProvider = (config: Config, requestUrl: string): OtpProvider =>
  config.OTP_PROVIDER === 'twilio' ? new TwilioVerify(config) : new LocalOtp(config, requestUrl)
