import { listDurableObjectIds, runDurableObjectAlarm, runInDurableObject } from 'cloudflare:test'
import { env } from 'cloudflare:workers'
import { expect } from 'vitest'
import type { Changes } from '../../schemas/changes'
import { userLimits } from '../../src/settings/usage-limits'
import { call, ok } from '../support/call'
import { befriend, delivered, send } from '../support/chat-calls'
import { inMailbox, stubOf } from '../support/delivery-faults'
import { configureMailbox } from '../support/rotation'
import { countRows } from '../support/storage-costs'
import { newUser, type TestUser } from '../support/users'

/** A user with a few friends, and what they notice of an attack. */
export interface Victim {
  user: TestUser
  friends: TestUser[]
}

const friendsCount = 4

export async function newVictim(): Promise<Victim> {
  const user = await newUser()
  await configureMailbox(user.id, userLimits.requestsPerDay.settings)
  const friends = await Promise.all(Array.from({ length: friendsCount }, () => newUser()))
  for (const friend of friends) {
    await befriend(user, friend)
    for (const text of ['hello', 'How are you?']) await send(friend, user, text)
    await send(user, friend, 'hello to you')
  }
  await delivered(user, ...friends)
  return { user, friends }
}

export const sizeOf = (user: { id: string }) =>
  runInDurableObject(stubOf(user.id), (_, { storage }) => storage.sql.databaseSize)

export const objectCount = async () => (await listDurableObjectIds(env.MAILBOX)).length

/** Bytes of the database of all users. */
export async function sizeOfD1(): Promise<number> {
  const { meta } = await env.DB.prepare('SELECT 1').run()
  expect(meta.size_after).toBeGreaterThan(0)
  return meta.size_after
}

/** What the victim does all day, each with the rows that it reads. */
export async function costsOf({ user, friends }: Victim, isSearchingAll = true): Promise<Record<string, number>> {
  const [friend] = friends
  const chatId = friend?.id ?? ''
  const { cursor } = await ok<Changes>('listChanges', { query: { limit: 200 } }, { as: user }).then((first) =>
    first.hasMore ? latest(user, first.cursor) : first,
  )
  const own: Record<string, () => Promise<unknown>> = {
    listChats: () => ok('listChats', { query: { limit: friendsCount } }, { as: user }),
    listMessages: () => ok('listMessages', { params: { chatId } }, { as: user }),
    getUnreadCount: () => ok('getUnreadCount', {}, { as: user }),
    searchMessages: () =>
      ok('searchMessages', { query: { q: 'hello', ...(!isSearchingAll && { chatId }) } }, { as: user }),
    listChanges: () => ok('listChanges', { query: { cursor } }, { as: user }),
    sendMessage: () =>
      ok(
        'sendMessage',
        { params: { chatId }, body: { clientMessageId: crypto.randomUUID(), text: 'I am fine' } },
        { as: user },
      ),
  }
  const costs: Record<string, number> = {}
  for (const [name, act] of Object.entries(own)) costs[name] = (await countRows(user.id, act)).read
  // Its delivery must not count with what comes next.
  const pending = async () => {
    await runDurableObjectAlarm(stubOf(user.id))
    return inMailbox(user.id, `SELECT 1 FROM chats WHERE pending_id <> ''`)
  }
  await expect.poll(pending).toEqual([])
  return costs
}

async function latest(user: TestUser, from: string): Promise<Changes> {
  const page = await ok<Changes>('listChanges', { query: { cursor: from, limit: 200 } }, { as: user })
  return page.hasMore ? latest(user, page.cursor) : page
}

/** Nothing that the victim does costs more than twice as much as without the attack. */
export function expectNear(costs: Record<string, number>, idle: Record<string, number>) {
  for (const [name, rows] of Object.entries(costs))
    expect(rows, `${name} reads ${rows} rows, ${idle[name]} when idle`).toBeLessThanOrEqual(2 * (idle[name] ?? 0))
}

/** Calls without a valid token, about users who exist and who do not. */
export async function callWithoutToken(victimId: string, n: number) {
  const as = { accessToken: `made up ${n}` }
  const somebody = `usr_01KAT5M8E1T3P5Y7W9D2C4V${String(n % 1_000).padStart(3, '0')}`
  for (const userId of [victimId, somebody]) {
    const body = { clientMessageId: `${n}`, text: 'hello' }
    for (const options of [{}, { as }]) {
      const calls = [
        call('sendMessage', { params: { chatId: userId }, body }, options),
        call('getUser', { params: { userId } }, options),
        call('listMessages', { params: { chatId: userId } }, options),
        call('reportUser', { params: { userId }, body: { reason: 'spam' } }, options),
        call('blockUser', { params: { userId } }, options),
        call('connectRealtime', { headers: { Upgrade: 'websocket' } }, options),
      ]
      for (const { status } of await Promise.all(calls)) expect(status).toBe(401)
    }
    const refreshToken = `rt_${userId}.ses_01KAT5M8E1T3P5Y7W9D2C4V6BN.0.${'x'.repeat(43)}.${'x'.repeat(16)}`
    expect((await call('refreshTokens', { body: { refreshToken } })).status).toBe(401)
  }
}
