import { createExecutionContext } from 'cloudflare:test'
import { env } from 'cloudflare:workers'
import { describe, expect, test } from 'vitest'
import worker from '../../src/index'
import { readConfig } from '../../src/settings/config'
import { baseUrl } from '../support/call'
import { logged } from '../support/log-watch'
import { productionSettings } from '../support/production'

const read = (settings: object) => readConfig({ ...env, ...productionSettings(), ...settings })
const jwtSecret = productionSettings().JWT_SECRET
const lines = (text: string) => text.split('\n').length

describe('in production', () => {
  test('strong secrets and providers with TLS are accepted', () => {
    expect(read({}).ENVIRONMENT).toBe('production')
    expect(read({ TURNSTILE: 'off', TURNSTILE_SECRET: undefined, TURNSTILE_HOSTNAMES: '' }).TURNSTILE).toBe('off')
  })

  test.each([
    [{ JWT_SECRET: 'x7Kp'.repeat(10) }, 'JWT_SECRET (fewer than 10 different characters)'],
    [{ JWT_SECRET: env.JWT_SECRET }, 'JWT_SECRET (an example'],
    [{ JWT_SECRET: '<at-least-32-random-characters:-openssl>' }, 'JWT_SECRET (an example'],
    [{ JWT_SECRET: jwtSecret.slice(0, 31) }, 'JWT_SECRET (at least 32 characters)'],
    [{ JWT_SECRET: jwtSecret, JWT_SECRET_PREVIOUS: jwtSecret }, 'JWT_SECRET_PREVIOUS (the same as JWT_SECRET)'],
    [{ JWT_SECRET: jwtSecret, TWILIO_AUTH_TOKEN: jwtSecret }, 'TWILIO_AUTH_TOKEN (the same as JWT_SECRET)'],
    [{ TWILIO_AUTH_TOKEN: 'token' }, 'TWILIO_AUTH_TOKEN (fewer than 32 characters)'],
    [{ TURNSTILE_SECRET: `1x${'0'.repeat(31)}AA` }, 'TURNSTILE_SECRET (an example'],
    [{ TURNSTILE_SECRET: '' }, 'TURNSTILE_SECRET (missing; without Turnstile, set TURNSTILE to "off")'],
    [{ TURNSTILE_SECRET: undefined }, 'TURNSTILE_SECRET (missing; without Turnstile, set TURNSTILE to "off")'],
    [{ TURNSTILE_HOSTNAMES: ',' }, 'TURNSTILE_HOSTNAMES (missing'],
    [{ TWILIO_BASE_URL: 'http://verify.twilio.com' }, 'TWILIO_BASE_URL (not https)'],
    [{ TURNSTILE_BASE_URL: 'http://challenges.cloudflare.com' }, 'TURNSTILE_BASE_URL (not https)'],
  ])('%o is refused in one line without the value', (settings, fault) => {
    const attempt = () => read(settings)
    expect(attempt).toThrow(`Configuration: ${fault}`)
    try {
      attempt()
    } catch (error) {
      expect(lines(String(error))).toBe(1)
      for (const value of Object.values(settings)) if (value) expect(String(error)).not.toContain(value)
    }
  })

  test('a weak secret fails the first request: the reason is in the log, not in the response', async () => {
    const settings = { ...productionSettings(), TWILIO_BASE_URL: 'http://verify.twilio.com' }
    const response = await worker.fetch(
      new Request(`${baseUrl}/v1/me`),
      { ...env, ...settings },
      createExecutionContext(),
    )
    const body = await response.text()
    expect(response.status).toBe(500)
    expect(JSON.parse(body)).toMatchObject({ code: 'internal_error' })
    expect(body).not.toContain('TWILIO')
    const id = response.headers.get('X-Request-Id') ?? ''
    const line = logged().find((one) => one.includes('"request_failed"') && one.includes(id))
    expect(JSON.parse(line ?? '').message).toBe('Configuration: TWILIO_BASE_URL (not https)')
  })

  test('the same settings are accepted in development', () => {
    expect(readConfig({ ...env, TURNSTILE_BASE_URL: 'http://localhost:1' }).JWT_SECRET).toBe(env.JWT_SECRET)
  })
})
