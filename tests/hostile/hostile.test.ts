import { runDurableObjectAlarm } from 'cloudflare:test'
import { afterEach, expect, test, vi } from 'vitest'
import type { Tokens } from '../../schemas/authentication'
import { ok } from '../support/call'
import { befriend, send } from '../support/chat-calls'
import { ringUntilDelivered, stubOf } from '../support/delivery-faults'
import { sized } from '../support/run-size'
import { newUser } from '../support/users'
import { Attacker } from './attacker'
import { callWithoutToken, costsOf, expectNear, newVictim, objectCount, sizeOf, sizeOfD1, type Victim } from './victim'

/** Simulated hours of attack; `npm run test:hostile` runs a day. */
const hours = Number(import.meta.env['VITE_HOSTILE_HOURS'] ?? 1)
const isWhole = hours > 1
const timeout = isWhole ? 3_600_000 : 120_000
const mailboxGrowthMax = 300_000
const d1GrowthMax = 100 * 1024

afterEach(() => {
  vi.useRealTimers()
})

const hourMs = 3_600_000

const ring = async (ids: string[]) => {
  for (let round = 0; round < 3; round++) for (const id of ids) await runDurableObjectAlarm(stubOf(id))
}

/** Gives the victim tokens that are valid at the present time of the test. */
async function wake({ user }: Victim) {
  const { refreshToken } = user
  Object.assign(user, await ok<Tokens>('refreshTokens', { body: { refreshToken } }))
}

/** Has everyone attack for the simulated hours; their mailboxes go on at the end of each. */
async function attackAll(attackers: Attacker[], { user }: Victim, times: number) {
  const startedAt = Date.now()
  vi.useFakeTimers({ toFake: ['Date'], now: startedAt })
  for (let hour = 0; hour < hours; hour++) {
    vi.setSystemTime(startedAt + hour * hourMs)
    for (const attacker of attackers) await attacker.wake()
    await Promise.all(attackers.map((attacker) => attacker.attack(times)))
    await callWithoutToken(user.id, hour)
    vi.setSystemTime(startedAt + (hour + 1) * hourMs - 1)
    await ring([...attackers.map(({ id }) => id), user.id])
  }
}

async function measure(victim: Victim, isSearchingAll = true) {
  await costsOf(victim, isSearchingAll)
  const idle = await costsOf(victim, isSearchingAll)
  return { idle, size: await sizeOf(victim.user), d1: await sizeOfD1(), objects: await objectCount() }
}

async function expectUnharmed(victim: Victim, before: Awaited<ReturnType<typeof measure>>, attackers: number) {
  const growth = (await sizeOf(victim.user)) - before.size
  const d1Growth = (await sizeOfD1()) - before.d1
  console.info(`${attackers} attackers, ${hours} h: mailbox +${growth}, D1 +${d1Growth}`)
  expect(growth).toBeLessThanOrEqual(mailboxGrowthMax)
  expect(d1Growth).toBeLessThanOrEqual(attackers * d1GrowthMax)
  expect(await objectCount()).toBe(before.objects)
  await wake(victim)
  await costsOf(victim)
  const costs = await costsOf(victim)
  console.info(JSON.stringify({ idle: before.idle, costs }))
  expectNear(costs, before.idle)
}

test.for([
  [1, isWhole ? 20 : sized(10, 12)],
  [isWhole ? 50 : sized(2, 4), isWhole ? 3 : sized(3, 6)],
] as const)('%i strangers cost their victim little room and no time', { timeout }, async ([count, times]) => {
  const victim = await newVictim()
  const attackers: Attacker[] = []
  for (let n = 0; n < count; n++) attackers.push(await Attacker.create(victim.user.id))
  const before = await measure(victim)
  await attackAll(attackers, victim, times)
  expect(attackers.every(({ sent }) => sent.length > 0)).toBe(true)
  await expectUnharmed(victim, before, count)
})

/** What one text takes on average, of the short and the longest ones, with its words in the search index. */
const textBytesMax = 32_000

test('a contact who turns hostile costs room only by what they write, until they are blocked', {
  timeout,
}, async () => {
  const victim = await newVictim()
  const contact = await newUser()
  await befriend(victim.user, contact)
  await send(victim.user, contact, 'hello')
  await send(contact, victim.user, 'hello')
  await ringUntilDelivered([victim.user.id, contact.id])
  const attacker = await Attacker.create(victim.user.id, contact)
  const before = await measure(victim, false)
  await attackAll([attacker], victim, sized(5, 8))
  const { user } = victim
  await wake(victim)
  const growth = (await sizeOf(user)) - before.size
  console.info(`a contact, ${hours} h: ${attacker.texts} texts, mailbox +${growth}`)
  expect(growth).toBeLessThanOrEqual(attacker.texts * textBytesMax)
  await costsOf(victim, false)
  expectNear(await costsOf(victim, false), before.idle)

  await ok('blockUser', { params: { userId: contact.id } }, { as: user })
  const blocked = await sizeOf(user)
  await attackAll([attacker], victim, 2)
  expect((await sizeOf(user)) - blocked).toBeLessThanOrEqual(16_384)
  await wake(victim)
  await ok('clearChat', { params: { chatId: contact.id } }, { as: user })
  await ring([user.id])
  const left = (await sizeOf(user)) - before.size
  console.info(`cleared: +${left}`)
  expect(left).toBeLessThanOrEqual(growth / 10)
})
