import { runDurableObjectAlarm } from 'cloudflare:test'
import { env } from 'cloudflare:workers'
import { afterEach, expect, test } from 'vitest'
import type { SignedIn, Verification } from '../../schemas/authentication'
import type { Matches } from '../../schemas/contact'
import type { Sessions } from '../../schemas/session'
import type { Me } from '../../schemas/user'
import { type Caller, call, ok, refused } from '../support/call'
import { chat, delivered, pair, send } from '../support/chat-calls'
import { later } from '../support/clock'
import { crash, inMailbox, interceptCalls, stubOf } from '../support/delivery-faults'
import { connect } from '../support/socket'
import { codeFor, newPhoneNumber, newUser, signIn } from '../support/users'

const undo: (() => unknown)[] = []
afterEach(() => {
  for (const remove of undo.splice(0).reverse()) remove()
})

/** Sends a code to a new number; returns it with its verification, as input. */
async function codeTo(phoneNumber: string, as: Caller) {
  const body = { phoneNumber, purpose: 'changePhoneNumber' }
  const { verificationId } = await ok<Verification>('sendOtp', { body }, { as })
  return { body: { verificationId, code: codeFor(phoneNumber) } }
}

const wrong = (code: string) => (code === '000000' ? '000001' : '000000')

test('after a change the new number signs in to the account, and the old one to a new account', async () => {
  const [ana, ben] = await pair()
  await send(ana, ben, 'hello')
  await delivered(ana, ben)
  const before = await call<Me>('getMe', {}, { as: ana })
  const phoneNumber = newPhoneNumber()
  const changed = await call<Me>('changePhoneNumber', await codeTo(phoneNumber, ana), { as: ana })
  const { updatedAt } = changed.body
  expect(changed.status).toBe(200)
  expect(changed.body).toEqual({ ...before.body, phoneNumber, updatedAt })
  expect(changed.headers.get('ETag')).not.toBe(before.headers.get('ETag'))
  expect(await ok<Me>('getMe', {}, { as: ana })).toEqual(changed.body)

  const again = await signIn(phoneNumber)
  expect({ id: again.user.id, isNewUser: again.isNewUser }).toEqual({ id: ana.id, isNewUser: false })
  expect((await chat({ ...ana, ...again.tokens }, ben)).lastMessage?.text).toBe('hello')
  const other = await signIn(ana.phoneNumber)
  expect({ isOther: other.user.id !== ana.id, isNewUser: other.isNewUser }).toEqual({ isOther: true, isNewUser: true })
})

test('a change ends every other session at once and keeps the one that made it', async () => {
  const ana = await newUser()
  const lost = (await signIn(ana.phoneNumber)).tokens
  const [kept, ended] = [await connect(ana), await connect({ ...ana, ...lost })]
  await ok('changePhoneNumber', await codeTo(newPhoneNumber(), ana), { as: ana })
  expect((await ended.closed).code).toBe(4401)
  await refused('getMe', 'session_ended', {}, { as: lost })
  await refused('refreshTokens', 'refresh_token_invalid', { body: { refreshToken: lost.refreshToken } })
  const { items } = await ok<Sessions>('listSessions', {}, { as: ana })
  expect(items.map(({ id }) => id)).toEqual([ana.sessionId])
  kept.sendRaw('ping')
})

test('peers and strangers learn no phone number', async () => {
  const [ana, ben] = await pair()
  await send(ana, ben, 'hello')
  await delivered(ana, ben)
  const { peer } = await chat(ben, ana)
  const phoneNumber = newPhoneNumber()
  await ok('changePhoneNumber', await codeTo(phoneNumber, ana), { as: ana })
  await delivered(ana, ben)
  expect((await chat(ben, ana)).peer).toEqual(peer)
  const held = JSON.stringify(await inMailbox(ben.id, 'SELECT * FROM chats'))
  for (const number of [phoneNumber, ana.phoneNumber]) expect(held).not.toContain(number.slice(1))
  const { matches } = await ok<Matches>(
    'findContacts',
    { body: { phoneNumbers: [ana.phoneNumber, phoneNumber] } },
    { as: ben },
  )
  expect(matches.map((match) => [match.phoneNumber, match.user.id])).toEqual([[phoneNumber, ana.id]])
})

test('a number that belongs to another user stays theirs, and nothing changes', async () => {
  const [ana, ben] = await pair()
  const other = (await signIn(ana.phoneNumber)).tokens
  const input = await codeTo(ben.phoneNumber, ana)
  await refused('changePhoneNumber', 'phone_number_taken', input, { as: ana })
  expect((await ok<Me>('getMe', {}, { as: other })).phoneNumber).toBe(ana.phoneNumber)
  expect((await ok<Me>('getMe', {}, { as: ben })).phoneNumber).toBe(ben.phoneNumber)
})

test('when two users prove the same number, one gets it', async () => {
  const [ana, ben] = await pair()
  const phoneNumber = newPhoneNumber()
  const forAna = await codeTo(phoneNumber, ana)
  await later(61, async () => {
    const forBen = await codeTo(phoneNumber, ben)
    const answers = await Promise.all([
      call('changePhoneNumber', forAna, { as: ana }),
      call('changePhoneNumber', forBen, { as: ben }),
    ])
    expect(answers.map(({ status }) => status).toSorted()).toEqual([200, 409])
    const { results } = await env.DB.prepare('SELECT id FROM users WHERE phone_number = ?').bind(phoneNumber).all()
    expect(results).toEqual([{ id: answers[0].status === 200 ? ana.id : ben.id }])
  })
})

test('a code that is wrong, another user’s, for signing in, unknown or expired changes nothing', async () => {
  const [ana, ben] = await pair()
  const phoneNumber = newPhoneNumber()
  const input = await codeTo(phoneNumber, ana)
  const { verificationId, code } = input.body
  await refused('changePhoneNumber', 'otp_wrong', { body: { verificationId, code: wrong(code) } }, { as: ana })
  await refused('changePhoneNumber', 'verification_not_found', input, { as: ben })
  await refused('verifyOtp', 'verification_not_found', input)
  const strange = newPhoneNumber()
  const forSignIn = await ok<Verification>('sendOtp', { body: { phoneNumber: strange } })
  const misused = { body: { verificationId: forSignIn.verificationId, code: codeFor(strange) } }
  await refused('changePhoneNumber', 'verification_not_found', misused, { as: ana })
  expect((await ok<Me>('getMe', {}, { as: ana })).phoneNumber).toBe(ana.phoneNumber)
  await later(601, async () => {
    const { accessToken } = await ok<Caller>('refreshTokens', { body: { refreshToken: ana.refreshToken } })
    await refused('changePhoneNumber', 'otp_expired', input, { as: { accessToken } })
  })
})

test('the same code succeeds again for a minute, then no longer', async () => {
  const ana = await newUser()
  const input = await codeTo(newPhoneNumber(), ana)
  const first = await call<Me>('changePhoneNumber', input, { as: ana })
  const second = await call<Me>('changePhoneNumber', input, { as: ana })
  expect({ body: second.body, etag: second.headers.get('ETag') }).toEqual({
    body: first.body,
    etag: first.headers.get('ETag'),
  })
  await later(61, () => refused('changePhoneNumber', 'otp_used', input, { as: ana }))
})

test('the other sessions end even when the change is cut off after its D1 write and never retried', async () => {
  const ana = await newUser()
  const lost = (await signIn(ana.phoneNumber)).tokens
  const restore = interceptCalls((one) =>
    one.method === 'setProfile' ? Promise.reject(new Error('The call was lost')) : one.make(),
  )
  undo.push(restore)
  const phoneNumber = newPhoneNumber()
  expect((await call('changePhoneNumber', await codeTo(phoneNumber, ana), { as: ana })).status).toBe(500)
  restore()
  await crash()
  await later(60, () => runDurableObjectAlarm(stubOf(ana.id)))
  await refused('getMe', 'session_ended', {}, { as: lost })
  expect((await ok<Me>('getMe', {}, { as: ana })).phoneNumber).toBe(phoneNumber)
})

test('a replayed sign-in with the old number creates no user', async () => {
  const phoneNumber = newPhoneNumber()
  const { verificationId } = await ok<Verification>('sendOtp', { body: { phoneNumber } })
  const input = { body: { verificationId, code: codeFor(phoneNumber) } }
  const { tokens } = await ok<SignedIn>('verifyOtp', input)
  await ok('changePhoneNumber', await codeTo(newPhoneNumber(), tokens), { as: tokens })
  await refused('verifyOtp', 'verification_not_found', input)
})

test('a request for a code can be repeated only by the user who made it, and only for the same purpose', async () => {
  const [ana, ben] = await pair()
  const body = { phoneNumber: newPhoneNumber(), purpose: 'changePhoneNumber', clientRequestId: crypto.randomUUID() }
  const first = await ok<Verification>('sendOtp', { body }, { as: ana })
  expect(await ok<Verification>('sendOtp', { body }, { as: ana })).toEqual(first)
  await refused('sendOtp', 'resend_too_soon', { body }, { as: ben })
  await refused('sendOtp', 'resend_too_soon', { body: { ...body, purpose: 'signIn' } })
})
