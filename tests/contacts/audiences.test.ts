import { evictDurableObject } from 'cloudflare:test'
import { env } from 'cloudflare:workers'
import { expect, test } from 'vitest'
import type { Me } from '../../schemas/user'
import type { Audience } from '../../src/core/profile'
import { call, ok } from '../support/call'
import { chat, delivered, edit, get, list, markRead, react, send } from '../support/chat-calls'
import { inMailbox, stubOf } from '../support/delivery-faults'
import { newUser, type TestUser } from '../support/users'

type Setting = 'presenceAudience' | 'readMarkAudience' | 'messageAudience'

const set = (user: TestUser, setting: Setting, audience: Audience) =>
  ok<Me>('updateMe', { body: { [setting]: audience } }, { as: user })

const save = (owner: TestUser, { id }: TestUser) =>
  ok('saveContact', { params: { userId: id }, body: { name: 'A friend' } }, { as: owner })

/** Two who have each written to the other. */
async function acquaintances() {
  const [owner, other] = [await newUser(), await newUser()]
  await send(owner, other, 'Hello')
  await send(other, owner, 'Hello too')
  await delivered(owner, other)
  return { owner, other }
}

const holds = async (owner: TestUser, peer: TestUser) => {
  const { status, body } = await call<{ items: { text: string }[] }>(
    'listMessages',
    { params: { chatId: peer.id } },
    { as: owner },
  )
  return status === 404 ? null : body.items.map(({ text }) => text).toReversed()
}

test('everything is for everyone until it is changed, and each setting changes alone', async () => {
  const owner = await newUser()
  const everyone = {
    ...{ presenceAudience: 'everyone', readMarkAudience: 'everyone' },
    ...{ messageAudience: 'everyone', groupAddsAudience: 'everyone' },
  }
  expect(await ok<Me>('getMe', {}, { as: owner })).toMatchObject(everyone)
  expect(await set(owner, 'readMarkAudience', 'contacts')).toMatchObject({ ...everyone, readMarkAudience: 'contacts' })
  const { status } = await call('updateMe', { body: { messageAudience: 'friends' } }, { as: owner })
  expect(status).toBe(400)
})

test('presenceHidden is presenceAudience by its former name', async () => {
  const owner = await newUser()
  const update = (body: object) => ok<Me>('updateMe', { body }, { as: owner })
  expect(await update({ presenceHidden: true })).toMatchObject({ presenceAudience: 'nobody', presenceHidden: true })
  expect(await update({ presenceHidden: false })).toMatchObject({ presenceAudience: 'everyone', presenceHidden: false })
  expect(await update({ presenceAudience: 'contacts' })).toMatchObject({ presenceHidden: false })
  const both = await update({ presenceAudience: 'nobody', presenceHidden: false })
  expect(both).toMatchObject({ presenceAudience: 'nobody', presenceHidden: true })
})

test.for<[Audience, boolean, string]>([
  ['everyone', false, 'read'],
  ['contacts', false, 'delivered'],
  ['contacts', true, 'read'],
  ['nobody', true, 'delivered'],
])('with read marks for %s, and saved %s, a message that was read is %s', async ([audience, isSaved, status]) => {
  const { owner, other } = await acquaintances()
  await set(owner, 'readMarkAudience', audience)
  if (isSaved) await save(owner, other)
  const message = await send(other, owner, 'Have you read it?')
  await delivered(owner, other)
  expect((await markRead(owner, other, message)).unreadCount).toBe(0)
  await delivered(owner, other)
  expect(await get(other, owner, message)).toMatchObject({ status })
})

test('what was read while nobody may know it is not told by an acceptance or an edit, but by the next mark', async () => {
  const { owner, other } = await acquaintances()
  await set(owner, 'readMarkAudience', 'nobody')
  const first = await send(other, owner, 'One')
  await delivered(owner, other)
  await markRead(owner, other, first)
  const own = await send(owner, other, 'Mine')
  await edit(owner, { ...own, chatId: other.id }, 'Mine, edited')
  await delivered(owner, other)
  expect(await get(other, owner, first)).toMatchObject({ status: 'delivered' })
  await set(owner, 'readMarkAudience', 'everyone')
  await delivered(owner, other)
  expect(await get(other, owner, first)).toMatchObject({ status: 'delivered' })
  const second = await send(other, owner, 'Two')
  await delivered(owner, other)
  await markRead(owner, other, second)
  await delivered(owner, other)
  expect(await get(other, owner, first)).toMatchObject({ status: 'read' })
})

test.for<[Audience, boolean, boolean]>([
  ['everyone', false, true],
  ['contacts', false, false],
  ['contacts', true, true],
  ['nobody', true, false],
])('with messages from %s, and saved %s, a first message arrives: %s', async ([audience, isSaved, arrives]) => {
  const [owner, other] = [await newUser(), await newUser()]
  await set(owner, 'messageAudience', audience)
  if (isSaved) await save(owner, other)
  const message = await send(other, owner, 'May I?')
  await delivered(owner, other)
  expect(await holds(owner, other)).toEqual(arrives ? ['May I?'] : null)
  expect(await get(other, owner, message)).toMatchObject({ status: arrives ? 'delivered' : 'sent' })
  expect((await ok<{ items: unknown[] }>('listBlocks', {}, { as: owner })).items).toEqual([])
})

test('whoever the owner has accepted can write, whatever the audience', async () => {
  const { owner, other } = await acquaintances()
  await set(owner, 'messageAudience', 'nobody')
  await send(other, owner, 'We know each other')
  await delivered(owner, other)
  expect(await holds(owner, other)).toContain('We know each other')
})

test('a request is cut off when its sender is no longer among those who may write', async () => {
  const [owner, other] = [await newUser(), await newUser()]
  const first = await send(other, owner, 'First')
  await delivered(owner, other)
  await set(owner, 'messageAudience', 'contacts')
  const second = await send(other, owner, 'Second')
  await edit(other, { ...first, chatId: owner.id }, 'First, edited')
  await edit(other, { ...second, chatId: owner.id }, 'Second, edited')
  await react(other, owner, second, '👍')
  await delivered(owner, other)
  expect(await holds(owner, other)).toEqual(['First'])
  expect(await get(other, owner, second)).toMatchObject({ status: 'sent' })
})

test('what was refused never arrives later, and what follows does, with the profile of its sender', async () => {
  const [owner, other] = [await newUser(), await newUser()]
  await ok('updateMe', { body: { firstName: 'Olga' } }, { as: other })
  await set(owner, 'messageAudience', 'nobody')
  const refused = await send(other, owner, 'Refused')
  await edit(other, { ...refused, chatId: owner.id }, 'Refused, edited')
  await delivered(owner, other)
  await set(owner, 'messageAudience', 'everyone')
  await edit(other, { ...refused, chatId: owner.id }, 'Refused, edited again')
  await delivered(owner, other)
  expect(await holds(owner, other)).toBeNull()
  await send(other, owner, 'Welcome', { replyToId: refused.id })
  await delivered(owner, other)
  expect(await holds(owner, other)).toEqual(['Welcome'])
  const [{ replyTo } = { replyTo: null }] = (await list(owner, other)).items
  expect(replyTo).toMatchObject({ id: refused.id, text: '' })
  expect(await chat(owner, other)).toMatchObject({ request: true, unreadCount: 1, peer: { firstName: 'Olga' } })
  expect(await get(other, owner, refused)).toMatchObject({ status: 'sent', undelivered: true })
})

test('who could not write before groups had a setting of their own cannot add to them either, until that is changed', async () => {
  const [strict, open] = [await newUser(), await newUser()]
  await set(strict, 'messageAudience', 'contacts')
  const migration = env.D1_MIGRATIONS.find(({ name }) => name.includes('group_adds_audience'))
  if (!migration) throw new Error('There is no such migration')
  await env.DB.prepare('ALTER TABLE users DROP COLUMN group_adds_audience').run()
  for (const query of migration.queries) await env.DB.prepare(query).run()
  for (const { id } of [strict, open]) {
    await inMailbox(id, "UPDATE meta SET value = json_remove(value, '$.own.groupAddsAudience') WHERE key = 'profile'")
    await evictDurableObject(stubOf(id))
  }
  const adder = await newUser()
  const body = { clientGroupId: 'old', title: 'Keepers', memberIds: [strict.id, open.id] }
  expect(await ok('createGroup', { body }, { as: adder })).toMatchObject({ toInvite: [strict.id], added: [open.id] })
  for (const firstName of ['One', 'Two']) {
    const me = await ok<Me>('updateMe', { body: { firstName } }, { as: strict })
    expect(me).toMatchObject({ messageAudience: 'contacts', groupAddsAudience: 'contacts' })
  }
  expect(await ok<Me>('getMe', {}, { as: open })).toMatchObject({ groupAddsAudience: 'everyone' })
})
