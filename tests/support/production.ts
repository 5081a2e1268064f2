import { randomBytes } from 'node:crypto'
import { verifyAccount } from './verify'

const random = () => randomBytes(32).toString('base64url')

/** Settings as a deployment has them: each makes the service refuse to run when it is weak or missing. */
export const productionSettings = () => ({
  ENVIRONMENT: 'production' as const,
  OTP_PROVIDER: 'twilio' as const,
  JWT_SECRET: random(),
  TWILIO_BASE_URL: 'https://verify.twilio.com',
  TWILIO_ACCOUNT_SID: verifyAccount.accountSid,
  TWILIO_AUTH_TOKEN: random(),
  TWILIO_VERIFY_SERVICE_SID: verifyAccount.serviceSid,
  TURNSTILE_SECRET: random(),
  TURNSTILE_HOSTNAMES: 'app.example.com',
})
