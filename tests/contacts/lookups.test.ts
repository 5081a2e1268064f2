import { env } from 'cloudflare:workers'
import { expect, test } from 'vitest'
import type { Tokens } from '../../schemas/authentication'
import type { Matches } from '../../schemas/contact'
import { ok, refused } from '../support/call'
import { later } from '../support/clock'
import { inMailbox } from '../support/delivery-faults'
import { rotateMailbox } from '../support/rotation'
import { newUser, type TestUser } from '../support/users'

/** Possible phone numbers that nobody has registered. */
const numbers = (from: number, count: number) => Array.from({ length: count }, (_, n) => `+1303${2_000_000 + from + n}`)

const find = (user: TestUser, phoneNumbers: string[]) =>
  ok<Matches>('findContacts', { body: { phoneNumbers } }, { as: user })

const refusedFind = (user: TestUser, phoneNumbers: string[]) =>
  refused('findContacts', 'lookups_exhausted', { body: { phoneNumbers } }, { as: user })

async function spendAll(user: TestUser) {
  for (let from = 0; from < 2_000; from += 500) await find(user, numbers(from, 500))
}

/** Runs `work` with the clock moved ahead and with fresh tokens. */
const after = (seconds: number, user: TestUser, work: () => Promise<void>) =>
  later(seconds, async () => {
    const { refreshToken } = user
    Object.assign(user, await ok<Tokens>('refreshTokens', { body: { refreshToken } }))
    await work()
  })

test('a user can look up 2,000 numbers, and repeat them freely; the next is refused with a retry time', async () => {
  const [user, friend] = [await newUser(), await newUser()]
  await find(user, [friend.phoneNumber, friend.phoneNumber])
  for (let from = 0; from < 1_500; from += 500) await find(user, numbers(from, 500))
  await find(user, numbers(1_500, 499))
  const { headers, body } = await refusedFind(user, [friend.phoneNumber, ...numbers(1_999, 1)])
  expect(body.detail).toBe('1 of the numbers are new, and you can look up 0 now. Nothing was charged.')
  expect(Number(headers.get('Retry-After'))).toBe(173)

  const { matches } = await find(user, [...numbers(0, 499), friend.phoneNumber])
  expect(matches.map((match) => match.user.id)).toEqual([friend.id])
})

test('after that 500 lookups refill in a day, and no more in a month; a refusal takes none of them', async () => {
  const user = await newUser()
  await spendAll(user)
  for (let attempt = 0; attempt < 3; attempt++) await refusedFind(user, numbers(3_000, 500))
  const { headers } = await refusedFind(user, numbers(3_000, 250))
  await after(Number(headers.get('Retry-After')) + 1, user, async () => {
    await find(user, numbers(3_000, 250))
    await refusedFind(user, numbers(4_000, 250))
  })
  await after(29 * 86_400, user, async () => {
    await find(user, numbers(5_000, 500))
    await refusedFind(user, numbers(6_000, 1))
  })
})

test('the stored form of a lookup is not the number, and differs from user to user', async () => {
  const users = [await newUser(), await newUser()]
  for (const user of users) await find(user, numbers(0, 3))
  const kept = await Promise.all(users.map(({ id }) => inMailbox<{ hash: string }>(id, 'SELECT hash FROM lookups')))
  const hashes = kept.flat().map(({ hash }) => hash)
  expect(new Set(hashes).size).toBe(6)
  for (const hash of hashes) expect(hash).toMatch(/^[\w-]{43}$/)
})

test('rotating the secret makes no number count as new', async () => {
  const user = await newUser()
  await spendAll(user)
  const second = 'the secret after one rotation, of some length'
  await rotateMailbox(user.id, { JWT_SECRET: second, JWT_SECRET_PREVIOUS: env.JWT_SECRET })
  await find(user, numbers(0, 500))
  await rotateMailbox(user.id, { JWT_SECRET: 'and another, of some length as well', JWT_SECRET_PREVIOUS: second })
  await find(user, numbers(0, 500))
  await refusedFind(user, numbers(2_000, 1))
})
