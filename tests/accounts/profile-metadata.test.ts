import { runDurableObjectAlarm } from 'cloudflare:test'
import { env } from 'cloudflare:workers'
import { describe, expect, test, vi } from 'vitest'
import type { Block } from '../../schemas/block'
import type { Changes } from '../../schemas/changes'
import type { Chats } from '../../schemas/chat'
import type { Contact, Matches } from '../../schemas/contact'
import type { Me, User } from '../../schemas/user'
import { limits } from '../../src/core/limits'
import { call, ok, refused } from '../support/call'
import { befriend, delivered, pair, send } from '../support/chat-calls'
import { stubOf } from '../support/delivery-faults'
import { contentOf } from '../support/mailbox-content'
import { newUser, type TestUser } from '../support/users'

const secret = 'xylophone'
const metadata = { badge: secret, theme: { dark: true } }
const other = { badge: null, list: [1, { two: 2 }] }

const update = (user: TestUser, body: object) => ok<Me>('updateMe', { body }, { as: user })
const someName = () => `sailor_${crypto.randomUUID().slice(0, 8)}`

/** The user as each operation shows them to another who has no chat with them. */
async function views(of: TestUser, username: string, as: TestUser): Promise<(User | null | undefined)[]> {
  const userId = of.id
  const [{ items }, { users }, { matches }] = await Promise.all([
    ok<{ items: User[] }>('findUserByUsername', { query: { username } }, { as }),
    ok<{ users: User[] }>('lookUpUsers', { body: { userIds: [userId] } }, { as }),
    ok<Matches>('findContacts', { body: { phoneNumbers: [of.phoneNumber] } }, { as }),
  ])
  return [await ok<User>('getUser', { params: { userId } }, { as }), items[0], users[0], matches[0]?.user]
}

const metadataIn = (shown: readonly (User | null | undefined)[]) => shown.map((user) => user?.metadata)

describe('metadata of a profile', () => {
  test('is null until set, replaced as a whole, and cleared by null and by an empty object', async () => {
    const user = await newUser()
    const me = async () => (await ok<Me>('getMe', {}, { as: user })).metadata
    expect(await me()).toBeNull()
    expect((await update(user, { metadata })).metadata).toEqual(metadata)
    expect((await update(user, { about: 'At sea' })).metadata).toEqual(metadata)
    expect(await me()).toEqual(metadata)
    for (const nothing of [null, {}]) {
      expect((await update(user, { metadata: other })).metadata).toEqual(other)
      expect((await update(user, { metadata: nothing })).metadata).toBeNull()
      expect(await me()).toBeNull()
    }
  })

  test('is where the profile is, for anybody signed in', async () => {
    const [ana, ben] = await pair()
    const username = someName()
    await update(ben, { username, metadata })
    expect(metadataIn(await views(ben, username, ana))).toEqual(Array(4).fill(metadata))
    const contact = await ok<Contact>('saveContact', { params: { userId: ben.id }, body: {} }, { as: ana })
    expect(contact.user?.metadata).toEqual(metadata)
    const signedIn = await ok<Changes>('listChanges', {}, { as: ben })
    expect(signedIn.me?.metadata).toEqual(metadata)
    const block = await ok<Block>('blockUser', { params: { userId: ben.id } }, { as: ana })
    expect(block.user?.metadata).toEqual(metadata)
    expect(await ok('exportMe', {}, { as: ana })).toMatchObject({
      profile: { metadata: null },
      contacts: [{ user: { metadata } }],
      blocks: [{ user: { metadata } }],
    })
    expect(await ok('exportMe', {}, { as: ben })).toMatchObject({ profile: { metadata } })
  })

  test('reaches the chats and contacts of others when it changes', async () => {
    const [ana, ben] = await pair()
    await befriend(ana, ben)
    await send(ana, ben, 'hello')
    await delivered(ana, ben)
    const { cursor } = await ok<Changes>('listChanges', { query: { limit: 200 } }, { as: ana })
    for (const [given, shown] of [
      [metadata, metadata],
      [other, other],
      [{}, null],
    ]) {
      await update(ben, { metadata: given })
      await delivered(ben)
      const { items } = await ok<Chats>('listChats', {}, { as: ana })
      const page = await ok<Changes>('listChanges', { query: { cursor } }, { as: ana })
      const { items: contacts } = await ok<{ items: Contact[] }>('listContacts', {}, { as: ana })
      const users = [items[0]?.peer, page.chats[0]?.peer, page.contacts[0]?.contact?.user, contacts[0]?.user]
      expect(metadataIn([...users, await ok<User>('getUser', { params: { userId: ben.id } }, { as: ana })])).toEqual(
        Array(5).fill(shown),
      )
    }
    expect(await contentOf(ana)).not.toContain(secret)
  })

  test('is that of before to somebody whom its owner has blocked, wherever they look', async () => {
    const [ana, ben] = await pair()
    const username = someName()
    await update(ben, { username, metadata })
    await send(ana, ben, 'hello')
    await delivered(ana, ben)
    await ok('blockUser', { params: { userId: ana.id } }, { as: ben })
    await update(ben, { metadata: other })
    await delivered(ana)
    expect(metadataIn(await views(ben, username, ana))).toEqual(Array(4).fill(metadata))
    const { items } = await ok<Chats>('listChats', {}, { as: ana })
    expect(items[0]?.peer?.metadata).toEqual(metadata)
  })

  test('goes with the account', async () => {
    const [ana, ben] = await pair()
    await befriend(ana, ben)
    await update(ben, { metadata })
    await send(ana, ben, 'hello')
    await send(ben, ana, 'hello')
    await delivered(ana, ben)
    expect(await contentOf(ana)).toContain(secret)
    await ok('deleteMe', {}, { as: ben })
    await delivered(ana, ben)
    const rows = () => env.DB.prepare('SELECT * FROM users WHERE id = ?').bind(ben.id).all()
    await vi.waitFor(async () => {
      await runDurableObjectAlarm(stubOf(ben.id))
      expect((await rows()).results).toEqual([])
      expect(await contentOf(ben)).not.toContain(secret)
      expect(await contentOf(ana)).not.toContain(secret)
    })
  })

  test('finds nobody: a username in it is none', async () => {
    const [ana, ben] = await pair()
    const username = someName()
    await update(ben, { metadata: { id: ana.id, username, z: { username, z: 1 } } })
    await send(ana, ben, 'hello')
    await send(ben, ana, 'hello')
    await delivered(ana, ben)
    expect((await ok<{ items: User[] }>('findUserByUsername', { query: { username } }, { as: ana })).items).toEqual([])
  })

  test('that says the same in another order is no change', async () => {
    const user = await newUser()
    const etag = async () => (await call('getMe', {}, { as: user })).headers.get('ETag')
    await update(user, { metadata: { a: 1, b: { c: 2, d: 3 } } })
    const before = await etag()
    await update(user, { metadata: { b: { d: 3, c: 2 }, a: 1 } })
    expect(await etag()).toBe(before)
    await update(user, { metadata: { b: { d: 3, c: 2 }, a: 2 } })
    expect(await etag()).not.toBe(before)
  })

  test.each([
    [[], '/metadata'],
    ['{}', '/metadata'],
    [7, '/metadata'],
    [{ a: 'x'.repeat(limits.metadataBytesMax) }, '/metadata'],
    [{ a: [{ b: '\0' }] }, '/metadata/a/0/b'],
    [{ a: 2 ** 53 }, '/metadata/a'],
  ])('is refused, and nothing changes: %#', async (given, pointer) => {
    const user = await newUser()
    await update(user, { metadata })
    const body = { firstName: 'Ana', metadata: given }
    const { body: problem } = await refused('updateMe', 'invalid_request', { body }, { as: user })
    expect(problem.errors?.map((error) => error.pointer)).toEqual([pointer])
    expect(await ok<Me>('getMe', {}, { as: user })).toMatchObject({ firstName: null, metadata })
  })

  test('is not stored where there is none, so that the profiles of before are no change', async () => {
    const user = await newUser()
    await update(user, { firstName: 'Ana', metadata: {} })
    expect(await contentOf(user)).not.toContain('"metadata\\":')
  })
})
