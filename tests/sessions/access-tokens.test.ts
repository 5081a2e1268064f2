import { env } from 'cloudflare:workers'
import { generateKeyPair, SignJWT } from 'jose'
import { describe, expect, test } from 'vitest'
import type { SignedIn, Tokens, Verification } from '../../schemas/authentication'
import type { File } from '../../schemas/file'
import type { Ticket } from '../../schemas/realtime'
import { readConfig } from '../../src/settings/config'
import { deriveKey } from '../../src/settings/signing'
import { call, ok, refused, send } from '../support/call'
import { later } from '../support/clock'
import { rotateMailbox } from '../support/rotation'
import { claimsOf, expired, forged, stranger, unsigned } from '../support/tokens'
import { codeFor, newPhoneNumber, newUser, type TestUser } from '../support/users'

const key = () => deriveKey(env.JWT_SECRET, 'access-token')
const now = () => Math.floor(Date.now() / 1000)
const encoded = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url')

/** The claims of a user's genuine token, signed again: the user is real, so only the signature decides. */
const signed = async (user: TestUser, header: object, signingKey: Parameters<SignJWT['sign']>[0] = key()) => {
  const { header: own, claims } = claimsOf(user.accessToken)
  return new SignJWT(claims).setProtectedHeader({ ...own, alg: 'HS256', ...header }).sign(signingKey)
}

const withClaims = (user: TestUser, claims: object) =>
  forged({ claims: { ...claimsOf(user.accessToken).claims, ...claims } })

/** The signature of one token under the payload of another. */
const transplanted = (user: TestUser, other: TestUser) => {
  const [header, , signature] = user.accessToken.split('.')
  return [header, other.accessToken.split('.')[1], signature].join('.')
}

const attacks: Record<string, (user: TestUser) => string | Promise<string>> = {
  'without a signature (none)': (user) => unsigned(claimsOf(user.accessToken).claims),
  'without a signature, spelled differently (nOnE)': (user) => {
    const { header, claims } = claimsOf(user.accessToken)
    return `${encoded({ ...header, alg: 'nOnE' })}.${encoded(claims)}.`
  },
  'signed with HS384': (user) => signed(user, { alg: 'HS384' }),
  'signed with HS512': (user) => signed(user, { alg: 'HS512' }),
  'signed with HS256 that claims to be RS256': async (user) => {
    const { header } = claimsOf(user.accessToken)
    return [encoded({ ...header, alg: 'RS256' }), ...(await signed(user, {})).split('.').slice(1)].join('.')
  },
  'signed with RS256 and a key of the attacker’s': async (user) => {
    const { privateKey } = await generateKeyPair('RS256')
    return signed(user, { alg: 'RS256' }, privateKey)
  },
  'signed with another key under our key id': (user) =>
    signed(user, {}, deriveKey('another secret of some length', 'access-token')),
  'signed with an empty key under our key id': (user) => signed(user, {}, new Uint8Array(32)),
  'signed with the key for links': (user) => signed(user, {}, deriveKey(env.JWT_SECRET, 'file-link')),
  'signed with the secret itself': (user) => signed(user, {}, new TextEncoder().encode(env.JWT_SECRET)),
  'without a key id': (user) => signed(user, { kid: undefined }),
  'of another type': (user) => signed(user, { typ: 'JWT' }),
  'without a type': (user) => signed(user, { typ: undefined }),
  'whose header contains a key (jwk)': (user) => {
    const k = Buffer.alloc(32, 1)
    return signed(user, { kid: 'mine', jwk: { kty: 'oct', k: k.toString('base64url') } }, k)
  },
  'whose header says where the key is (jku)': (user) =>
    signed(user, { kid: 'mine', jku: 'https://attacker.example/keys.json' }, Buffer.alloc(32, 1)),
  'with an extension that must be understood (crit)': async (user) => {
    const { header, claims } = claimsOf(user.accessToken)
    const parts = [encoded({ ...header, crit: ['exp'], exp: now() + 60 }), encoded(claims)]
    return [...parts, (await signed(user, {})).split('.')[2]].join('.')
  },
  'from another issuer': (user) => withClaims(user, { iss: 'somebody-else' }),
  'for another audience': (user) => withClaims(user, { aud: 'somebody-else' }),
  'that is not valid yet': (user) => withClaims(user, { nbf: now() + 60 }),
  'issued in the future': (user) => withClaims(user, { iat: now() + 60, exp: now() + 120 }),
  'that never expires': (user) => withClaims(user, { exp: undefined }),
  'without an issue time': (user) => withClaims(user, { iat: undefined }),
  'without a session': (user) => withClaims(user, { sid: undefined }),
  'without a user': (user) => withClaims(user, { sub: undefined }),
  'whose session is not a string': (user) => withClaims(user, { sid: [claimsOf(user.accessToken).claims['sid']] }),
  'with the payload of another token': async (user) => transplanted(user, await newUser()),
  'that lost its last character': ({ accessToken }) => accessToken.slice(0, -1),
  'that lost its signature': ({ accessToken }) => accessToken.replace(/[^.]*$/, ''),
  'that lost a part': ({ accessToken }) => accessToken.replace(/^[^.]*\./, ''),
  'repeated twice': ({ accessToken }) => accessToken + accessToken,
  'repeated twice, with a dot in between': ({ accessToken }) => `${accessToken}.${accessToken}`,
  'that is a refresh token': ({ refreshToken }) => refreshToken,
  'that is a ticket': async (user) => (await ok<Ticket>('createRealtimeTicket', {}, { as: user })).ticket,
}

describe('an access token', () => {
  test.for(Object.entries(attacks))('%s is rejected', async ([, attack]) => {
    const user = await newUser()
    await refused('getMe', 'access_token_invalid', {}, { as: { accessToken: await attack(user) } })
    expect((await call('getMe', {}, { as: user })).status, 'the genuine token').toBe(200)
  })

  test('that was used before is reported as expired once it has', async () => {
    const user = await newUser()
    await ok('getMe', {}, { as: user })
    const { ACCESS_TOKEN_SECONDS } = readConfig(env)
    await later(ACCESS_TOKEN_SECONDS + 10, () => refused('getMe', 'access_token_expired', {}, { as: user }))
  })

  test('that has expired is reported as expired', async () => {
    await refused('getMe', 'access_token_expired', {}, { as: await expired() })
    const user = await newUser()
    const accessToken = await withClaims(user, { iat: now() - 3_600, exp: now() + 3_600 })
    await refused('getMe', 'access_token_expired', {}, { as: { accessToken } })
  })

  test('of a user or a session that does not exist opens nothing', async () => {
    await refused('getMe', 'session_ended', {}, { as: await stranger() })
    const [user, other] = [await newUser(), await newUser()]
    const accessToken = await withClaims(user, { sub: other.id })
    await refused('getMe', 'session_ended', {}, { as: { accessToken } })
  })

  test('does not work as a refresh token, as a ticket or in a query', async () => {
    const { accessToken } = await newUser()
    await refused('refreshTokens', 'refresh_token_invalid', { body: { refreshToken: accessToken } })
    const query = { ticket: accessToken.slice(0, 128) }
    await refused('connectRealtime', 'ticket_invalid', { query, headers: { Upgrade: 'websocket' } })
    const { status } = await send(new Request(`http://localhost/v1/me?access_token=${accessToken}`))
    expect(status).toBe(401)
  })
})

/** The settings after one rotation and after two. */
const second = 'the secret after one rotation, of some length'
const rotated = { JWT_SECRET: second, JWT_SECRET_PREVIOUS: env.JWT_SECRET }
const rotatedTwice = { JWT_SECRET: 'the secret after two rotations, of some length', JWT_SECRET_PREVIOUS: second }

describe('after the secret is rotated,', () => {
  test('access tokens of the previous secret are valid until they expire, and new ones use the new secret', async () => {
    const user = await newUser()
    const asOld = { as: user, env: rotated }
    expect((await call('getMe', {}, asOld)).status).toBe(200)
    const body = { refreshToken: user.refreshToken }
    const fresh = await ok<Tokens>('refreshTokens', { body }, { env: rotated })
    expect(claimsOf(fresh.accessToken).header['kid']).not.toBe(claimsOf(user.accessToken).header['kid'])
    expect((await call('getMe', {}, { as: fresh, env: rotatedTwice })).status).toBe(200)
    await refused('getMe', 'access_token_invalid', {}, { as: user, env: rotatedTwice })
    await refused('getMe', 'access_token_invalid', {}, { as: fresh })
  })

  test('chains of refresh tokens continue, whatever the secrets', async () => {
    const user = await newUser()
    let { refreshToken } = user
    for (const settings of [rotated, rotatedTwice]) {
      await rotateMailbox(user.id, settings)
      const tokens = await ok<Tokens>('refreshTokens', { body: { refreshToken } }, { env: settings })
      expect(tokens.sessionId).toBe(user.sessionId)
      refreshToken = tokens.refreshToken
    }
  })

  test('a code sent before it signs in, and a repeated one returns the same session', async () => {
    const phoneNumber = newPhoneNumber()
    const { verificationId } = await ok<Verification>('sendOtp', { body: { phoneNumber } })
    const body = { verificationId, code: codeFor(phoneNumber) }
    const first = await ok<SignedIn>('verifyOtp', { body })
    const { refreshToken } = await ok<Tokens>('refreshTokens', { body: { refreshToken: first.tokens.refreshToken } })
    await rotateMailbox(first.user.id, rotated)
    const again = await ok<SignedIn>('verifyOtp', { body }, { env: rotated })
    expect(again.tokens.sessionId).toBe(first.tokens.sessionId)
    expect(withoutMac(again.tokens.refreshToken)).toBe(withoutMac(refreshToken))

    const other = newPhoneNumber()
    const sent = await ok<Verification>('sendOtp', { body: { phoneNumber: other } })
    const late = { verificationId: sent.verificationId, code: codeFor(other) }
    expect((await ok<SignedIn>('verifyOtp', { body: late }, { env: rotated })).isNewUser).toBe(true)
  })

  test('links made before it open their file, and no longer after the next rotation', async () => {
    const user = await newUser()
    const upload = { raw: new Uint8Array([1]), query: { name: 'a.bin' }, headers: { 'Content-Type': 'text/plain' } }
    const { url } = await ok<File>('uploadFile', upload, { as: user })
    const open = async (settings: Partial<Env>) => (await send(new Request(url), { env: settings })).status
    expect([await open({}), await open(rotated), await open(rotatedTwice)]).toEqual([200, 200, 404])
    await rotateMailbox(user.id, rotatedTwice)
    const listed = await ok<{ items: File[] }>('listFiles', {}, { as: await refreshed(user), env: rotatedTwice })
    expect((await send(new Request(listed.items[0]?.url ?? ''), { env: rotatedTwice })).status).toBe(200)
  })
})

/** The MAC is made with the secret of the moment. */
const withoutMac = (refreshToken: string) => refreshToken.replace(/\.[^.]*$/, '')

const refreshed = ({ refreshToken }: TestUser) =>
  ok<Tokens>('refreshTokens', { body: { refreshToken } }, { env: rotatedTwice })
