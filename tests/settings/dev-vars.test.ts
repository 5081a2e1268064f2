import { expect, test } from 'vitest'
import { optionalVars } from '../../scripts/dev-vars.mjs'
import wranglerToml from '../../wrangler.toml?raw'

const read = (text: string) => optionalVars(text, wranglerToml)

const testNumbers = '{"+12025550123":{"code":"123456","expiresAt":"2099-01-01T00:00:00Z"}}'

test.each([
  ['OTP_TEST_NUMBERS', testNumbers, `'${testNumbers}'`],
  ['TURNSTILE_SECRET', '1x0000000000000000000000000000000AA', '1x0000000000000000000000000000000AA'],
  ['JWT_SECRET_PREVIOUS', 'a previous secret # of some length', '"a previous secret # of some length"'],
  ['OTP_LOCAL_HOSTS', '10.0.2.2, *.tunnel.example', '10.0.2.2, *.tunnel.example'],
  ['SESSIONS_NOT_BEFORE', '2026-11-29T00:00:00Z', ' 2026-11-29T00:00:00Z '],
  ['USER_LIMITS', 'on', 'on # to meet them'],
])('%s in `.dev.vars` is used under `npm start`', (name, value, written) => {
  expect(read(`JWT_SECRET=${'s'.repeat(32)}\n# Mine\n${name}=${written}\n`)).toEqual({ [name]: value })
})

test('what Wrangler passes on itself, and what is empty, is left to it', () => {
  const own = ['JWT_SECRET', 'TWILIO_ACCOUNT_SID', 'TWILIO_AUTH_TOKEN', 'TWILIO_VERIFY_SERVICE_SID']
  expect(read(own.map((name) => `${name}=x\n`).join(''))).toEqual({})
  expect(read('TURNSTILE_SECRET=\n#OTP_LOCAL_HOSTS=x\n')).toEqual({})
})
