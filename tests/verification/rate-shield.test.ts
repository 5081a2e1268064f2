import { expect, test } from 'vitest'
import { limits } from '../../src/core/limits'
import { asDeployed, at, newAddress } from '../support/otp-caller'
import { newPhoneNumber } from '../support/users'

// As in `wrangler.toml`.
const requestsMax = 60

test('a network that floods one location is refused before any lookup, and no other network is', async () => {
  const settings = asDeployed({ OTP_SHIELD: 'on' })
  const ip = newAddress()
  const codes: string[] = []
  for (let asked = 0; asked < requestsMax; asked++)
    codes.push((await at({ ip }, settings).ask(newPhoneNumber())).body.code)
  expect(codes).not.toContain('too_many_requests')

  const withoutBase = asDeployed({ OTP_SHIELD: 'on', DB: undefined })
  const { status, headers, body } = await at({ ip }, withoutBase).ask(newPhoneNumber())
  expect({ status, code: body.code, checksLeft: body.checksLeft }).toEqual({
    status: 429,
    code: 'too_many_requests',
    checksLeft: null,
  })
  expect(headers.get('Retry-After')).toBe(String(limits.rateWindowSeconds))
  expect((await at({ ip: newAddress() }, settings).ask(newPhoneNumber())).status).toBe(200)
})
