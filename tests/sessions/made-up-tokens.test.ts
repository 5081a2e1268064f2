import { evictAllDurableObjects, listDurableObjectIds } from 'cloudflare:test'
import { env } from 'cloudflare:workers'
import { describe, expect, test } from 'vitest'
import type { Tokens } from '../../schemas/authentication'
import type { Ticket } from '../../schemas/realtime'
import { mintId } from '../../src/core/ids'
import { readConfig } from '../../src/settings/config'
import { shortMac } from '../../src/settings/signing'
import { call, ok, refused } from '../support/call'
import { interceptCalls } from '../support/delivery-faults'
import { rotateMailbox } from '../support/rotation'
import { newUser } from '../support/users'

const random = (bytes: number) => Buffer.from(crypto.getRandomValues(new Uint8Array(bytes))).toString('base64url')
const somebody = () => mintId('user', Date.now())
const secretOf = () => random(32)
const oldForm = (token: string) => token.replace(/\.[^.]*$/, '')
const upgrade = { Upgrade: 'websocket' }

const madeUpRefresh = (userId: string) => `rt_${userId}.${mintId('session', Date.now())}.0.${secretOf()}`
const madeUpTicket = (userId: string) => `tk_${userId}.${secretOf()}`

const refresh = (refreshToken: string, settings: Partial<Env> = {}) =>
  ok<Tokens>('refreshTokens', { body: { refreshToken } }, { env: settings })

/** The mailboxes that exist, and the ids of those that were called meanwhile. */
async function touchedBy(work: () => Promise<unknown>) {
  const called: string[] = []
  const restore = interceptCalls(({ userId, make }) => {
    called.push(userId)
    return make()
  })
  const before = (await listDurableObjectIds(env.MAILBOX)).length
  await work().finally(restore)
  return { called, created: (await listDurableObjectIds(env.MAILBOX)).length - before }
}

/** What a stranger can send, by what they know: with and without something in place of the MAC. */
const forms: [string, (body: string) => string][] = [
  ['without a MAC', (body) => body],
  ['with a made-up MAC', (body) => `${body}.${random(12)}`],
  ['with the MAC of another secret', (body) => `${body}.${macOfAnotherSecret(body)}`],
]

const macOfAnotherSecret = (body: string) => {
  const config = { ...readConfig(env), JWT_SECRET: 'the secret of somebody else, of some length' }
  return shortMac(config, body.startsWith('rt_') ? 'refresh-token-mac' : 'ticket-mac', body)
}

describe.each(forms)('tokens that were made up, %s,', (_, withForm) => {
  test('reach and create no mailbox when they name nobody', async () => {
    const touched = await touchedBy(async () => {
      for (let n = 0; n < 20; n++) {
        const body = { refreshToken: withForm(madeUpRefresh(somebody())) }
        await refused('refreshTokens', 'refresh_token_invalid', { body })
        const query = { ticket: withForm(madeUpTicket(somebody())) }
        await refused('connectRealtime', 'ticket_invalid', { query, headers: upgrade })
      }
    })
    expect(touched).toEqual({ called: [], created: 0 })
  })

  test('look the same whether or not they name a user, and change nothing', async () => {
    const user = await newUser()
    const answers = await Promise.all(
      [somebody(), user.id].map((userId) =>
        refused('refreshTokens', 'refresh_token_invalid', { body: { refreshToken: withForm(madeUpRefresh(userId)) } }),
      ),
    )
    const [one, other] = answers.map(({ body, headers }) => ({
      ...body,
      requestId: '',
      challenge: headers.get('WWW-Authenticate'),
    }))
    expect(one).toEqual(other)
    const touched = await touchedBy(() =>
      refused('connectRealtime', 'ticket_invalid', {
        query: { ticket: withForm(madeUpTicket(user.id)) },
        headers: upgrade,
      }),
    )
    expect(touched.called).toEqual([])
    expect((await refresh(user.refreshToken)).sessionId).toBe(user.sessionId)
  })
})

test('the MAC of one kind of token, or of another token, is none', async () => {
  const config = readConfig(env)
  const [alice, bob] = [await newUser(), await newUser()]
  const { ticket } = await ok<Ticket>('createRealtimeTicket', {}, { as: alice })
  const body = oldForm(ticket)
  const others = [
    shortMac(config, 'refresh-token-mac', body),
    shortMac(config, 'file-link', body),
    bob.refreshToken.slice(-16),
  ]
  const touched = await touchedBy(async () => {
    for (const mac of others)
      await refused('connectRealtime', 'ticket_invalid', { query: { ticket: `${body}.${mac}` }, headers: upgrade })
  })
  expect(touched).toEqual({ called: [], created: 0 })
  const { response } = await call('connectRealtime', { query: { ticket }, headers: upgrade })
  expect(response.status).toBe(101)
  response.webSocket?.accept()
  response.webSocket?.close()
})

describe('a refresh token', () => {
  test('from before there were MACs refreshes once, and its successor has one', async () => {
    const user = await newUser()
    const first = await refresh(oldForm(user.refreshToken))
    expect(first.refreshToken).toMatch(/^rt_usr_\w{26}\.ses_\w{26}\.1\.[\w-]{43}\.[\w-]{16}$/)
    expect(first.sessionId).toBe(user.sessionId)
    // Either form is the same token: within the grace period it returns the successor.
    for (const same of [user.refreshToken, oldForm(user.refreshToken)])
      expect((await refresh(same)).refreshToken).toBe(first.refreshToken)
    expect((await refresh(first.refreshToken)).refreshToken).toMatch(/\.2\.[\w-]{43}\.[\w-]{16}$/)
  })

  test('with its MAC reaches its mailbox without a query to D1', async () => {
    const user = await newUser()
    const withoutBase = { DB: undefined } as unknown as Partial<Env>
    expect((await refresh(user.refreshToken, withoutBase)).sessionId).toBe(user.sessionId)
  })

  test('survives the loss of the secret of its MAC, since the mailbox alone decides whether it is valid', async () => {
    const user = await newUser()
    const settings = { JWT_SECRET: 'the only secret after a leak, of some length' }
    await rotateMailbox(user.id, settings)
    const fresh = await refresh(user.refreshToken, settings)
    expect(fresh.sessionId).toBe(user.sessionId)
    const withoutBase = { ...settings, DB: undefined } as unknown as Partial<Env>
    expect((await refresh(fresh.refreshToken, withoutBase)).sessionId).toBe(user.sessionId)
    await evictAllDurableObjects()
  })

  test('of a user who is gone reaches no mailbox', async () => {
    const user = await newUser()
    await ok('deleteMe', {}, { as: user })
    await expect
      .poll(() => env.DB.prepare('SELECT count(*) AS users FROM users WHERE id = ?').bind(user.id).first('users'))
      .toBe(0)
    const touched = await touchedBy(() =>
      refused('refreshTokens', 'refresh_token_invalid', { body: { refreshToken: oldForm(user.refreshToken) } }),
    )
    expect(touched).toEqual({ called: [], created: 0 })
  })
})
