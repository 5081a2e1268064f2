import { env } from 'cloudflare:workers'
import { createHash } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import type { SignedIn, Tokens, Verification } from '../../schemas/authentication'
import type { Ticket } from '../../schemas/realtime'
import type { Sessions } from '../../schemas/session'
import { readConfig } from '../../src/settings/config'
import { sign } from '../../src/settings/signing'
import { call, ok, refused } from '../support/call'
import { later } from '../support/clock'
import { alterMailbox } from '../support/delivery-faults'
import { logged } from '../support/log-watch'
import { configureMailbox } from '../support/rotation'
import { connectLive } from '../support/socket'
import { countRows } from '../support/storage-costs'
import { codeFor, newPhoneNumber, newUser, signIn } from '../support/users'

const refresh = (refreshToken: string) => ok<Tokens>('refreshTokens', { body: { refreshToken } })
const oldForm = (refreshToken: string) => refreshToken.replace(/\.[^.]*$/, '')
const me = (accessToken: string) => call('getMe', {}, { as: { accessToken } })

describe('refresh tokens:', () => {
  test('fifty concurrent refreshes of one token get one successor', async () => {
    const { refreshToken } = await newUser()
    const first = await Promise.all(Array.from({ length: 50 }, () => refresh(refreshToken)))
    const [successor, ...others] = new Set(first.map((tokens) => tokens.refreshToken))
    expect(others).toEqual([])
    expect(successor).not.toBe(refreshToken)

    const second = await Promise.all(first.map((tokens) => refresh(tokens.refreshToken)))
    expect(new Set(second.map((tokens) => tokens.refreshToken)).size).toBe(1)
    for (const { accessToken } of [first[0], second[49]].flatMap((tokens) => tokens ?? []))
      expect((await me(accessToken)).status).toBe(200)
    const { items } = await ok<Sessions>('listSessions', {}, { as: second[0] ?? { accessToken: '' } })
    expect(items).toHaveLength(1)
  })

  test('a token two steps old, after the grace period, ends the session and its connections at once', async () => {
    const user = await newUser()
    const { refreshToken } = user
    const socket = await connectLive(user)
    const next = await refresh(refreshToken)
    const last = await refresh(next.refreshToken)
    await later(20, async () => expect((await refresh(refreshToken)).refreshToken).toBe(last.refreshToken))
    await later(31, async () => {
      await refused('refreshTokens', 'refresh_token_reused', { body: { refreshToken } })
      expect(await socket.closed).toEqual({ code: 4401, reason: 'session_ended' })
      await refused('refreshTokens', 'refresh_token_invalid', { body: { refreshToken: last.refreshToken } })
      expect((await me(last.accessToken)).status).toBe(401)
    })
  })

  test('what only looks like a token is rejected and has no effect', async () => {
    const { refreshToken } = await newUser()
    const { refreshToken: present } = await refresh(refreshToken)
    const forged = present.replace(/[\w-]{43}/, 'A'.repeat(43))
    const ahead = present.replace(/\.1\./, '.2.')
    const [stranger] = [await newUser()]
    const otherSession = `${stranger.refreshToken.split('.').slice(0, 2).join('.')}.${present.split('.').slice(2).join('.')}`
    const withoutMac = [forged, ahead, otherSession].map(oldForm)
    for (const token of [forged, ahead, otherSession, ...withoutMac, present.slice(0, -1), `${present}x`, 'rt_'])
      await refused('refreshTokens', 'refresh_token_invalid', { body: { refreshToken: token } })
    expect((await refresh(present)).sessionId).toBeTruthy()
    expect((await refresh(stranger.refreshToken)).sessionId).toBe(stranger.sessionId)
  })

  test('a session unused for 30 days ends, and no session lives longer than 400', async () => {
    const { refreshToken } = await newUser()
    const day = 86_400
    const { refreshToken: kept } = await later(29 * day, () => refresh(refreshToken))
    await later(58 * day, () => refresh(kept))
    await later(89 * day, () => refused('refreshTokens', 'refresh_token_invalid', { body: { refreshToken: kept } }))

    let { refreshToken: token } = await newUser()
    for (let days = 20; days < 400; days += 20) token = (await later(days * day, () => refresh(token))).refreshToken
    await later(400 * day, () => refused('refreshTokens', 'refresh_token_invalid', { body: { refreshToken: token } }))
  })
})

describe('a refresh token whose successor is lost', () => {
  const day = 86_400
  const seconds31 = (work: () => Promise<unknown>) => later(31, work)

  test('returns it again a day later, to a device that slept', async () => {
    const { refreshToken, accessToken } = await newUser()
    expect((await me(accessToken)).status).toBe(200)
    const lost = await refresh(refreshToken)
    expect((await me(accessToken)).status).toBe(200)
    const found = await later(day, () => refresh(refreshToken))
    expect(found.refreshToken).toBe(lost.refreshToken)
    await later(day, async () => {
      const { refreshToken: next } = await refresh(found.refreshToken)
      expect(await refresh(found.refreshToken)).toMatchObject({ refreshToken: next })
    })
    expect(await later(3 * day, () => refresh(found.refreshToken))).toMatchObject({ sessionId: found.sessionId })
  })

  test('ends the session once the successor is in use', async () => {
    const { refreshToken } = await newUser()
    const { accessToken, refreshToken: successor } = await refresh(refreshToken)
    await later(day / 2, async () => {
      const { accessToken: again } = await refresh(refreshToken)
      expect((await me(again)).status).toBe(200)
    })
    await later(day / 2 + 15, async () => expect((await refresh(refreshToken)).refreshToken).toBe(successor))
    await later(day / 2 + 31, async () => {
      await refused('refreshTokens', 'refresh_token_reused', { body: { refreshToken } })
      await refused('refreshTokens', 'refresh_token_invalid', { body: { refreshToken: successor } })
    })
    await refused('getMe', 'session_ended', {}, { as: { accessToken } })
  })

  const uses: Record<string, (tokens: Tokens) => Promise<unknown>> = {
    'a call that reads': (tokens) => ok('listChats', {}, { as: tokens }),
    'a call that writes': (tokens) => ok('updateMe', { body: { about: 'here' } }, { as: tokens }),
    'a call that is refused': (tokens) =>
      refused(
        'getMessage',
        'chat_not_found',
        { params: { chatId: madeUpUser, messageId: madeUpMessage } },
        { as: tokens },
      ),
    'a call that needs nothing of the mailbox': (tokens) =>
      ok('getUser', { params: { userId: userIdOf(tokens) } }, { as: tokens }),
    'a socket with the access token': (tokens) => connectLive(tokens),
    'a ticket for a socket': (tokens) => ok('createRealtimeTicket', {}, { as: tokens }),
    'the next refresh': (tokens) => refresh(tokens.refreshToken),
  }
  const madeUpUser = 'usr_01KAT5K6ZQ8Q4V3N7B2YH1M0XC'
  const madeUpMessage = 'msg_01KAT5K6ZQ8Q4V3N7B2YH1M0XC'
  const userIdOf = ({ refreshToken }: Tokens) => refreshToken.slice(3).split('.')[0] ?? ''

  test.each(Object.keys(uses))('is stolen if %s has shown the successor to be in use', async (use) => {
    const { refreshToken } = await newUser()
    await uses[use]?.(await refresh(refreshToken))
    await seconds31(() => refused('refreshTokens', 'refresh_token_reused', { body: { refreshToken } }))
  })

  test('finds out a thief who used it first', async () => {
    const { refreshToken } = await newUser()
    const stolen = await refresh(refreshToken)
    expect((await me(stolen.accessToken)).status).toBe(200)
    await seconds31(() => refused('refreshTokens', 'refresh_token_reused', { body: { refreshToken } }))
    expect((await me(stolen.accessToken)).status).toBe(401)
    await refused('refreshTokens', 'refresh_token_invalid', { body: { refreshToken: stolen.refreshToken } })
  })

  test('finds out a thief who waits with what it returned until the owner has gone on', async () => {
    const { refreshToken } = await newUser()
    const stolen = await refresh(refreshToken)
    const own = await later(60, () => refresh(refreshToken))
    expect(own.refreshToken).toBe(stolen.refreshToken)
    const next = await later(120, () => refresh(own.refreshToken))
    await later(121, () => me(next.accessToken))
    await later(180, () =>
      refused('refreshTokens', 'refresh_token_reused', { body: { refreshToken: stolen.refreshToken } }),
    )
    expect((await me(next.accessToken)).status).toBe(401)
  })

  test('finds out a thief who used it second', async () => {
    const { refreshToken } = await newUser()
    const own = await refresh(refreshToken)
    expect((await me(own.accessToken)).status).toBe(200)
    await seconds31(() => refused('refreshTokens', 'refresh_token_reused', { body: { refreshToken } }))
    expect((await me(own.accessToken)).status).toBe(401)
  })

  test('is used by tokens from before their use was tracked', async () => {
    const user = await newUser()
    await refresh(user.refreshToken)
    await alterMailbox(user.id, 'UPDATE sessions SET tracked_step = NULL, used_at = NULL')
    await later(15, () => refresh(user.refreshToken))
    await seconds31(() =>
      refused('refreshTokens', 'refresh_token_reused', { body: { refreshToken: user.refreshToken } }),
    )
  })

  test('costs one row written per refresh', async () => {
    const user = await newUser()
    const as = await refresh(user.refreshToken)
    const written = async () => (await countRows(user.id, () => ok('listChats', {}, { as }))).written
    expect([await written(), await written()]).toEqual([1, 0])
    const signedIn = await newUser()
    expect((await countRows(signedIn.id, () => ok('listChats', {}, { as: signedIn }))).written).toBe(0)
  })
})

describe('the first refresh token:', () => {
  /** A sign-in that can be repeated, as a client does that lost the response. */
  async function repeatable() {
    const phoneNumber = newPhoneNumber()
    const { verificationId } = await ok<Verification>('sendOtp', { body: { phoneNumber } })
    const body = { verificationId, code: codeFor(phoneNumber) }
    return () => ok<SignedIn>('verifyOtp', { body })
  }

  const derived = (sessionId: string) => sign(readConfig(env), 'refresh-token', sessionId)

  test('does not follow from the secret of the service and the id of the session', async () => {
    const { id, sessionId, refreshToken } = await newUser()
    const guess = `rt_${id}.${sessionId}.0.${derived(sessionId)}`
    await refused('refreshTokens', 'refresh_token_invalid', { body: { refreshToken: guess } })
    expect((await refresh(refreshToken)).sessionId).toBe(sessionId)
  })

  test('concurrent repeats of a sign-in get one token, and so do repeats after it was used', async () => {
    const repeat = await repeatable()
    const first = await Promise.all([repeat(), repeat(), repeat()])
    const tokens = first.map((one) => one.tokens)
    expect(new Set(tokens.map(({ refreshToken }) => refreshToken)).size).toBe(1)
    expect(new Set(tokens.map(({ sessionId }) => sessionId)).size).toBe(1)

    const used = await refresh(tokens[0]?.refreshToken ?? '')
    const again = await Promise.all([repeat(), repeat()])
    expect(again.map((one) => one.tokens.refreshToken)).toEqual([used.refreshToken, used.refreshToken])
    const next = await refresh(again[0]?.tokens.refreshToken ?? '')
    expect((await me(next.accessToken)).status).toBe(200)
  })

  test('a session begun when it did follow goes on, and a repeat of its sign-in gets the same token', async () => {
    const repeat = await repeatable()
    const { user, tokens } = await repeat()
    const hash = createHash('sha256').update(derived(tokens.sessionId)).digest('base64url')
    await alterMailbox(user.id, `UPDATE sessions SET secret_hash = '${hash}'`)
    const { refreshToken } = (await repeat()).tokens
    expect(refreshToken).toContain(derived(tokens.sessionId))
    const next = await refresh(refreshToken)
    expect((await repeat()).tokens.refreshToken).toBe(next.refreshToken)
  })
})

describe('`SESSIONS_NOT_BEFORE`', () => {
  const secondsFromNow = (seconds: number) => new Date(Date.now() + seconds * 1000).toISOString()

  test('ends every session that began before it, with its tokens, tickets and sockets, and no other', async () => {
    const user = await newUser()
    const socket = await connectLive(user)
    const { ticket } = await ok<Ticket>('createRealtimeTicket', {}, { as: user })
    const next = await later(10, () => signIn(user.phoneNumber))
    const end = secondsFromNow(5)
    await later(20, async () => {
      await configureMailbox(user.id, { SESSIONS_NOT_BEFORE: end })
      await refused('getMe', 'session_ended', {}, { as: user })
      await refused('refreshTokens', 'refresh_token_invalid', { body: { refreshToken: user.refreshToken } })
      await refused('connectRealtime', 'session_ended', { query: { ticket }, headers: { Upgrade: 'websocket' } })
      expect(await socket.closed).toEqual({ code: 4401, reason: 'session_ended' })
      expect((await refresh(next.tokens.refreshToken)).sessionId).toBe(next.tokens.sessionId)
      const { items } = await ok<Sessions>('listSessions', {}, { as: next.tokens })
      expect(items.map(({ id }) => id)).toEqual([next.tokens.sessionId])
      expect((await signIn(user.phoneNumber)).user.id).toBe(user.id)
    })
    const line = logged().find((one) => one.includes('"session_ended"') && one.includes(user.id))
    expect(JSON.parse(line ?? '')).toMatchObject({ reason: 'revoked' })
  })

  test('costs a call of another session no more rows than without it', async () => {
    const user = await newUser()
    const cost = async () => {
      await ok('listSessions', {}, { as: user })
      const { written, read } = await countRows(user.id, () => ok('listSessions', {}, { as: user }))
      return { written, read }
    }
    const before = await cost()
    await configureMailbox(user.id, { SESSIONS_NOT_BEFORE: secondsFromNow(-60) })
    expect(await cost()).toEqual(before)
    expect(before.written).toBe(0)
  })

  test.each(['tomorrow', '2026-11-29', '2999-01-01T00:00:00Z'])('%s is a wrong setting', (time) => {
    expect(() => readConfig({ ...env, SESSIONS_NOT_BEFORE: time })).toThrow(/^Configuration: SESSIONS_NOT_BEFORE/)
  })
})

describe('sessions:', () => {
  test('after logout the next call with the old access token returns 401', async () => {
    const user = await newUser()
    expect((await call('logout', {}, { as: user })).status).toBe(204)
    await refused('getMe', 'session_ended', {}, { as: user })
    await refused('listChats', 'session_ended', {}, { as: user })
    await refused('refreshTokens', 'refresh_token_invalid', { body: { refreshToken: user.refreshToken } })
  })

  test('a user sees their devices and can sign out one or all others', async () => {
    const phoneNumber = newPhoneNumber()
    const devices: SignedIn['tokens'][] = []
    for (const deviceName of ['phone', 'tablet', 'desk']) {
      const { verificationId } = await ok<{ verificationId: string }>('sendOtp', { body: { phoneNumber } })
      const body = { verificationId, code: codeFor(phoneNumber), deviceName, platform: 'other' }
      devices.push((await ok<SignedIn>('verifyOtp', { body })).tokens)
    }
    const [phone, tablet, desk] = devices
    if (!phone || !tablet || !desk) throw new Error('Expected three devices')
    const { items } = await ok<Sessions>('listSessions', {}, { as: phone })
    expect(items.map(({ deviceName }) => deviceName).sort()).toEqual(['desk', 'phone', 'tablet'])
    expect(items.filter(({ current }) => current).map(({ id }) => id)).toEqual([phone.sessionId])

    await ok('endSession', { params: { sessionId: tablet.sessionId } }, { as: phone })
    await refused('getMe', 'session_ended', {}, { as: tablet })
    await ok('endSession', { params: { sessionId: tablet.sessionId } }, { as: phone })
    await ok('endOtherSessions', {}, { as: phone })
    await refused('getMe', 'session_ended', {}, { as: desk })
    expect((await ok<Sessions>('listSessions', {}, { as: phone })).items).toHaveLength(1)
  })

  test("a stranger's session does not exist", async () => {
    const [alice, bob] = [await newUser(), await newUser()]
    await refused('endSession', 'session_not_found', { params: { sessionId: bob.sessionId } }, { as: alice })
    expect((await call('getMe', {}, { as: bob })).status).toBe(200)
  })

  test('the least recently used of more than fifty devices is signed out', async () => {
    const phoneNumber = newPhoneNumber()
    const first = await signIn(phoneNumber)
    for (let n = 0; n < 50; n++) await signIn(phoneNumber)
    await refused('getMe', 'session_ended', {}, { as: first.tokens })
  })
})
