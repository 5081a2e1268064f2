import { expect, test } from 'vitest'
import type { AccountExport } from '../../schemas/account-export'
import type { Changes } from '../../schemas/changes'
import type { Chat } from '../../schemas/chat'
import type { Matches } from '../../schemas/contact'
import type { Me, User } from '../../schemas/user'
import { ok, refused } from '../support/call'
import { chat, delivered, pair, send } from '../support/chat-calls'
import { inMailbox } from '../support/delivery-faults'
import { newPhoneNumber, newUser, type TestUser } from '../support/users'

const setDiscoverable = (user: TestUser, discoverable: boolean) =>
  ok<Me>('updateMe', { body: { discoverable } }, { as: user })

const find = (user: TestUser, ...phoneNumbers: string[]) =>
  ok<Matches>('findContacts', { body: { phoneNumbers } }, { as: user })

const found = async (user: TestUser, ...phoneNumbers: string[]) =>
  (await find(user, ...phoneNumbers)).matches.map((match) => match.user.id)

/** What lookups have cost so far. */
const charged = (user: TestUser) =>
  inMailbox(
    user.id,
    `SELECT (SELECT count(*) FROM lookups) AS numbers, (SELECT amount FROM budgets WHERE name = 'lookups') AS left`,
  )

test('a user who turned off `discoverable` looks the same as an unregistered number and counts against the quota', async () => {
  const [ana, ben] = await pair()
  const [eva, kim] = await pair()
  expect((await ok<Me>('getMe', {}, { as: ana })).discoverable).toBe(true)
  expect(await found(ben, ana.phoneNumber)).toEqual([ana.id])
  expect((await setDiscoverable(ana, false)).discoverable).toBe(false)
  for (const other of [ben, eva]) expect(await found(other, ana.phoneNumber, ben.phoneNumber)).toEqual([ben.id])
  expect(await found(ana, ana.phoneNumber)).toEqual([])

  const hidden = await newUser()
  await setDiscoverable(hidden, false)
  expect(await find(eva, hidden.phoneNumber)).toEqual(await find(kim, newPhoneNumber()))
  await find(kim, newPhoneNumber(), newPhoneNumber())
  expect(await charged(eva)).toEqual(await charged(kim))

  await setDiscoverable(ana, true)
  expect(await found(eva, ana.phoneNumber)).toEqual([ana.id])
})

test('`discoverable` affects only the phone number: a username still finds its owner, and chats and contacts continue', async () => {
  const [ana, ben] = await pair()
  await send(ben, ana, 'hello')
  await delivered(ana, ben)
  const username = `ana_${crypto.randomUUID().slice(0, 8)}`
  await ok('updateMe', { body: { username, discoverable: false } }, { as: ana })
  await delivered(ana, ben)
  const { items } = await ok<{ items: User[] }>('findUserByUsername', { query: { username } }, { as: ben })
  expect(items.map(({ id }) => id)).toEqual([ana.id])
  await ok('saveContact', { params: { userId: ana.id }, body: {} }, { as: ben })
  await send(ben, ana, 'again')
  expect((await chat(ben, ana)).peer?.username).toBe(username)
})

test('only the owner sees `discoverable`: in the profile, the export and the changes of their devices, and nowhere else', async () => {
  const [ana, ben] = await pair()
  await send(ana, ben, 'hello')
  const { cursor } = await ok<Changes>('listChanges', {}, { as: ana })
  await setDiscoverable(ana, false)
  await delivered(ana, ben)
  const { me } = await ok<Changes>('listChanges', { query: { cursor } }, { as: ana })
  const { profile } = await ok<AccountExport>('exportMe', {}, { as: ana })
  for (const own of [me, profile, await ok<Me>('getMe', {}, { as: ana })]) expect(own?.discoverable).toBe(false)
  const seen = [
    await ok<User>('getUser', { params: { userId: ana.id } }, { as: ben }),
    await ok<{ items: Chat[] }>('listChats', {}, { as: ben }),
  ]
  expect(JSON.stringify(seen)).not.toContain('discoverable')
  expect(JSON.stringify(await inMailbox(ben.id, 'SELECT peer FROM chats'))).not.toContain('discoverable')
})

test('`discoverable` is true or false and cannot be cleared', async () => {
  const user = await newUser()
  await ok('updateMe', { body: { discoverable: false } }, { as: user })
  for (const discoverable of ['true', 0])
    await refused('updateMe', 'invalid_request', { body: { discoverable } }, { as: user })
  expect(await ok('updateMe', { body: { discoverable: null } }, { as: user })).toMatchObject({ discoverable: false })
})

test('a mailbox whose profile predates `discoverable` says that its owner can be found', async () => {
  const user = await newUser()
  await inMailbox(user.id, `UPDATE meta SET value = json_remove(value, '$.own.discoverable') WHERE key = 'profile'`)
  expect((await ok<Changes>('listChanges', {}, { as: user })).me?.discoverable).toBe(true)
})
