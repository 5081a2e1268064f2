import { expect, test } from 'vitest'
import type { Matches } from '../../schemas/contact'
import type { Me, User } from '../../schemas/user'
import { call, ok } from '../support/call'
import { chat, delivered, pair, send } from '../support/chat-calls'
import { newUser, type TestUser } from '../support/users'

let serial = Date.now() % 1_000_000
const newUsername = () => `robin_${serial++}`

const rename = (user: TestUser, firstName: string, username: string) =>
  ok<Me>('updateMe', { body: { firstName, username } }, { as: user })

const named = async (as: TestUser, username: string) =>
  (await ok<{ items: User[] }>('findUserByUsername', { query: { username } }, { as })).items

/** Every way to look somebody up. */
async function views(as: TestUser, of: TestUser) {
  const user = await ok<User>('getUser', { params: { userId: of.id } }, { as })
  const { matches } = await ok<Matches>('findContacts', { body: { phoneNumbers: [of.phoneNumber] } }, { as })
  return [user, matches[0]?.user, (await chat(as, of)).peer].map((one) => one && { ...one, avatarUrl: null })
}

async function chatting() {
  const [ana, ben] = await pair()
  const username = newUsername()
  await rename(ben, 'Ben', username)
  await send(ana, ben, 'Hello')
  await send(ben, ana, 'Hello too')
  await delivered(ana, ben)
  return { ana, ben, username }
}

test('whoever is blocked sees the profile of then, wherever they look', async () => {
  const { ana, ben, username } = await chatting()
  const before = await views(ana, ben)
  expect(before).toMatchObject(Array(3).fill({ firstName: 'Ben', username }))
  await ok('blockUser', { params: { userId: ana.id } }, { as: ben })
  const renamed = newUsername()
  await rename(ben, 'Benedict', renamed)
  await delivered(ana, ben)
  expect(await views(ana, ben)).toEqual(before)
  expect(await named(ana, username)).toMatchObject([{ id: ben.id, firstName: 'Ben' }])
  expect(await named(ana, username.toUpperCase())).toMatchObject([{ id: ben.id }])
  expect(await named(ana, renamed)).toEqual([])
  const carl = await newUser()
  expect(await named(carl, renamed)).toMatchObject([{ id: ben.id, firstName: 'Benedict' }])

  await call('unblockUser', { params: { userId: ana.id } }, { as: ben })
  await delivered(ana, ben)
  expect(await views(ana, ben)).toMatchObject(Array(3).fill({ firstName: 'Benedict', username: renamed }))
  expect(await named(ana, username)).toEqual([])
  expect(await named(ana, renamed)).toMatchObject([{ id: ben.id, firstName: 'Benedict' }])
})

test('without a block, all views follow a change', async () => {
  const { ana, ben } = await chatting()
  const renamed = newUsername()
  await rename(ben, 'Benedict', renamed)
  await delivered(ana, ben)
  expect(await views(ana, ben)).toMatchObject(Array(3).fill({ firstName: 'Benedict', username: renamed }))
})

test('a user who is gone is found nowhere, although there was a chat', async () => {
  const { ana, ben, username } = await chatting()
  await ok('deleteMe', {}, { as: ben })
  await delivered(ana, ben)
  expect((await call('getUser', { params: { userId: ben.id } }, { as: ana })).status).toBe(404)
  expect(await named(ana, username)).toEqual([])
})
