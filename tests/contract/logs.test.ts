import { env } from 'cloudflare:workers'
import { expect, test } from 'vitest'
import type { Tokens, Verification } from '../../schemas/authentication'
import type { File } from '../../schemas/file'
import { limits } from '../../src/core/limits'
import { readConfig } from '../../src/settings/config'
import { sessionHash } from '../../src/settings/signing'
import { call, ok, refused, send as request } from '../support/call'
import { pair, send } from '../support/chat-calls'
import { later } from '../support/clock'
import { collectFrom, leaks, logged, unlisted } from '../support/log-watch'
import { codeFor, newPhoneNumber, newUser, signIn, type TestUser } from '../support/users'

/** What stands for a session in the log. */
const hashOf = (sessionId: string) => sessionHash(readConfig(env), sessionId)

const events = (event: string, sessionId: string) =>
  logged()
    .filter((line) => line.includes(`"event":"${event}"`) && line.includes(`"session":"${hashOf(sessionId)}"`))
    .map((line) => JSON.parse(line))

async function changePhoneNumber(as: TestUser) {
  const phoneNumber = newPhoneNumber()
  const body = { phoneNumber, purpose: 'changePhoneNumber' }
  const { verificationId } = await ok<Verification>('sendOtp', { body }, { as })
  await ok('changePhoneNumber', { body: { verificationId, code: codeFor(phoneNumber) } }, { as })
}

test('a request logs one line: id, route, user, session, outcome and duration', async () => {
  const [alice, bob] = await pair()
  await send(alice, bob, 'nobody but Bob may read this')
  const { headers } = await call('getChat', { params: { chatId: bob.id } }, { as: alice })
  const id = headers.get('X-Request-Id') ?? ''
  const lines = logged().filter((line) => line.includes(id))
  expect(lines.map((line) => JSON.parse(line))).toEqual([
    {
      level: 'info',
      event: 'request',
      requestId: id,
      method: 'GET',
      route: '/v1/chats/:chatId',
      status: 200,
      userId: alice.id,
      session: hashOf(alice.sessionId),
      durationMs: expect.any(Number),
    },
  ])
})

test('a refused request logs its problem code, and an unknown path is not logged', async () => {
  const { headers } = await request(new Request('http://localhost/v1/nope/secret-path?signature=abcdefghijk'))
  const line = logged().find((one) => one.includes(headers.get('X-Request-Id') ?? ''))
  expect(JSON.parse(line ?? '')).toMatchObject({ status: 404, code: 'not_found' })
  expect(line).not.toContain('secret-path')
})

test('every request has an id of the server’s own, and the client’s is logged beside it if it is well-formed', async () => {
  const ids = new Set<string>()
  for (const [given, isLogged] of [
    ['3f0c7a52-9c7e-4c37-8f5b-0c7d1a6d2f11', true],
    ['3f0c7a52-9c7e-4c37-8f5b-0c7d1a6d2f11', true],
    ['x'.repeat(64), true],
    ['x'.repeat(65), false],
    ['a"b', false],
    ['a b', false],
    ['é', false],
    ['', false],
  ] as const) {
    const { headers, body } = await request<{ requestId: string }>(
      new Request('http://localhost/v1/nope', { headers: { 'X-Request-Id': given } }),
    )
    const id = headers.get('X-Request-Id') ?? ''
    expect(id).toMatch(/^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/)
    expect(id).not.toBe(given)
    expect(body.requestId).toBe(id)
    ids.add(id)
    const line = JSON.parse(logged().find((one) => one.includes(id)) ?? '')
    expect(line.givenRequestId, given).toBe(isLogged ? given : undefined)
  }
  expect(ids.size).toBe(8)
})

test('sessions are logged when they begin, and with the reason when they end', async () => {
  const user = await newUser()
  expect(events('signed_in', user.sessionId)).toMatchObject([{ userId: user.id }])
  await ok('logout', {}, { as: user })
  expect(events('session_ended', user.sessionId)).toMatchObject([{ userId: user.id, reason: 'logout' }])

  const { tokens } = await signIn(user.phoneNumber)
  const { tokens: other } = await signIn(user.phoneNumber)
  await ok('endSession', { params: { sessionId: other.sessionId } }, { as: tokens })
  expect(events('session_ended', other.sessionId)).toMatchObject([
    { reason: 'ended_by_other_session', by: hashOf(tokens.sessionId) },
  ])
  const body = { refreshToken: tokens.refreshToken }
  const next = await ok<Tokens>('refreshTokens', { body })
  await ok('refreshTokens', { body: { refreshToken: next.refreshToken } })
  await later(31, () => refused('refreshTokens', 'refresh_token_reused', { body }))
  expect(events('session_ended', tokens.sessionId)).toMatchObject([{ reason: 'refresh_token_reused' }])
})

test('sessions that nobody ends are logged as well: too many, expired, phone number changed', async () => {
  const phoneNumber = newPhoneNumber()
  const [first, second] = [(await signIn(phoneNumber)).tokens, await later(1, () => signIn(phoneNumber))]
  for (let n = 2; n < limits.sessionsMax; n++) await later(n, () => signIn(phoneNumber))
  expect(events('session_ended', first.sessionId)).toEqual([])
  await later(100, () => signIn(phoneNumber))
  expect(events('session_ended', first.sessionId)).toMatchObject([{ reason: 'too_many_sessions' }])

  const [kept, lost] = [await newUser(), await newUser()]
  await later(31 * 86_400, () => signIn(kept.phoneNumber))
  expect(events('session_ended', kept.sessionId)).toMatchObject([{ userId: kept.id, reason: 'expired' }])

  const { tokens } = await signIn(lost.phoneNumber)
  await changePhoneNumber(lost)
  expect(events('session_ended', tokens.sessionId)).toMatchObject([{ userId: lost.id, reason: 'phone_number_changed' }])

  await ok('endOtherSessions', {}, { as: second.tokens })
  const [one, ...others] = logged().filter((line) => line.includes(`"by":"${hashOf(second.tokens.sessionId)}"`))
  expect(JSON.parse(one ?? '')).toMatchObject({ event: 'session_ended', reason: 'ended_by_other_session' })
  expect(others).toHaveLength(limits.sessionsMax - 2)
})

test('a refresh logs its user and session only once the token has proven them', async () => {
  const user = await newUser()
  const lineOf = async (refreshToken: string) => {
    const { headers } = await call('refreshTokens', { body: { refreshToken } })
    const id = headers.get('X-Request-Id') ?? ''
    return JSON.parse(logged().find((line) => line.includes(id)) ?? '')
  }
  const { id: userId, sessionId, refreshToken } = user
  expect(await lineOf(refreshToken)).toMatchObject({
    event: 'request',
    status: 200,
    userId,
    session: hashOf(sessionId),
  })
  const forged = await lineOf(refreshToken.replace(/.{43}$/, 'A'.repeat(43)))
  expect(forged).toMatchObject({ event: 'request', status: 401, code: 'refresh_token_invalid' })
  expect(forged).not.toHaveProperty('userId')
  expect(forged).not.toHaveProperty('session')
})

test('secrets in an error are redacted from the log: tokens, tickets, session ids, links and phone numbers', async () => {
  const user = await newUser()
  const upload = { raw: new Uint8Array([1]), query: { name: 'a.bin' }, headers: { 'Content-Type': 'text/plain' } }
  const { url } = await ok<File>('uploadFile', upload, { as: user })
  const { ticket } = await ok<{ ticket: string }>('createRealtimeTicket', {}, { as: user })
  const secrets = [user.accessToken, user.refreshToken, ticket, user.sessionId, url, user.phoneNumber]
  const broken = new Error(secrets.join(' and '))
  const db = new Proxy(env.DB, {
    get: () => () => {
      throw broken
    },
  })
  const { headers } = await refused('getMe', 'internal_error', {}, { as: user, env: { DB: db } })
  const line = logged().find((one) => one.includes('request_failed') && one.includes(headers.get('X-Request-Id') ?? ''))
  expect(line).toContain('… and … and … and …')
  for (const secret of [...secrets.slice(0, 4), user.phoneNumber.slice(1), url.split('signature=')[1]])
    expect(line).not.toContain(secret)
})

test('the log check finds a secret: a text, a number without its plus sign, a code, the id of a session', async () => {
  const { phoneNumber, sessionId } = await newUser()
  const secret = `only-here-${crypto.randomUUID()}`
  collectFrom({ messages: [{ text: secret }], code: '739105' })
  for (const line of [
    `x ${secret} x`,
    `{"to":"${phoneNumber.slice(1)}"}`,
    '{"code":"739105"}',
    `{"id":"${sessionId}"}`,
  ])
    expect(leaks([line])).toHaveLength(1)
  expect(leaks([`x ${secret.slice(0, -1)} x`, '{"id":"a739105"}'])).toEqual([])
})

test('the log check finds an event that is not in the table, by its name, level or fields', () => {
  const sent = { level: 'info', event: 'signed_in', userId: 'usr_1', session: 'abcdefgh' }
  const strangers = [
    { ...sent, event: 'signed_up' },
    { ...sent, level: 'warn' },
    { ...sent, deviceName: 'x' },
  ].map((line) => JSON.stringify(line))
  expect(unlisted([...strangers, JSON.stringify(sent), 'Code for +4915112345678: 123456'])).toEqual(strangers)
})
