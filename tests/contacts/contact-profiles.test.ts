import { evictDurableObject } from 'cloudflare:test'
import { describe, expect, test, vi } from 'vitest'
import type { Block } from '../../schemas/block'
import type { Changes } from '../../schemas/changes'
import type { Contact } from '../../schemas/contact'
import type { User } from '../../schemas/user'
import { limits } from '../../src/core/limits'
import { ok, refused } from '../support/call'
import { delivered, send } from '../support/chat-calls'
import { alterMailbox, interceptCalls, stubOf } from '../support/delivery-faults'
import { contentOf } from '../support/mailbox-content'
import { connect } from '../support/socket'
import { countD1, countRows } from '../support/storage-costs'
import { newUser, type TestUser } from '../support/users'

const save = (owner: TestUser, { id: userId }: { id: string }, name?: string) =>
  ok<Contact>('saveContact', { params: { userId }, body: name === undefined ? {} : { name } }, { as: owner })
const block = (owner: TestUser, { id: userId }: TestUser) =>
  ok<Block>('blockUser', { params: { userId } }, { as: owner })
const rename = (user: TestUser, firstName: string) => ok<User>('updateMe', { body: { firstName } }, { as: user })
const contactsOf = async (owner: TestUser) => (await ok<{ items: Contact[] }>('listContacts', {}, { as: owner })).items
const blocksOf = async (owner: TestUser) => (await ok<{ items: Block[] }>('listBlocks', {}, { as: owner })).items
const changes = (owner: TestUser, cursor?: string) =>
  ok<Changes>('listChanges', { query: { limit: 200, ...(cursor && { cursor }) } }, { as: owner })

const named = (firstName: string | null) => ({ user: { firstName } })

/** Has the mailbox forget when it last compared profiles. */
const wakeAnew = ({ id }: TestUser) => evictDurableObject(stubOf(id))

async function befriended() {
  const [ana, ben] = [await newUser(), await newUser()]
  await rename(ben, 'Ben')
  return { ana, ben }
}

describe('a contact', () => {
  test('that is saved before the new profile has arrived in the chat comes as a change once it has', async () => {
    const { ana, ben } = await befriended()
    await send(ben, ana, 'hello')
    await delivered(ben, ana)
    const stop = interceptCalls(({ userId, method, make }) =>
      userId === ana.id && method === 'receive' ? Promise.reject(new Error('The mailbox is away')) : make(),
    )
    await rename(ben, 'Benedict')
    await save(ana, ben)
    const { cursor } = await changes(ana)
    stop()
    await delivered(ben)
    const { contacts } = await changes(ana, cursor)
    expect(contacts.map(({ contact }) => contact)).toMatchObject([named('Benedict')])
  })

  test('carries the profile, as getUser has it', async () => {
    const { ana, ben } = await befriended()
    const saved = await save(ana, ben, 'From the harbor')
    const user = await ok<User>('getUser', { params: { userId: ben.id } }, { as: ana })
    expect(saved).toMatchObject({ userId: ben.id, name: 'From the harbor', user })
    expect(await contactsOf(ana)).toEqual([saved])
    expect((await changes(ana)).contacts).toEqual([{ userId: ben.id, contact: saved }])
  })

  test('without a chat reaches its owner as a change when its profile changes, while they use the app', async () => {
    const { ana, ben } = await befriended()
    await save(ana, ben, 'From the harbor')
    const { cursor } = await changes(ana)
    await rename(ben, 'Benjamin')
    await wakeAnew(ana)
    await vi.waitFor(async () => {
      expect((await changes(ana, cursor)).contacts).toMatchObject([
        { contact: { name: 'From the harbor', ...named('Benjamin') } },
      ])
    })
    expect(await contactsOf(ana)).toMatchObject([named('Benjamin')])
  })

  test('reaches an open socket as well', async () => {
    const { ana, ben } = await befriended()
    await save(ana, ben)
    await rename(ben, 'Benjamin')
    await wakeAnew(ana)
    const socket = await connect(ana)
    await vi.waitFor(async () => {
      const { changes: page } = await socket.next('changes')
      expect(page.contacts).toMatchObject([{ contact: named('Benjamin') }])
    })
  })

  test('with a chat changes with it', async () => {
    const { ana, ben } = await befriended()
    await save(ana, ben)
    await send(ana, ben, 'hello')
    await delivered(ana, ben)
    const { cursor } = await changes(ana)
    await rename(ben, 'Benjamin')
    await delivered(ben)
    const page = await changes(ana, cursor)
    expect(page.contacts).toMatchObject([{ contact: named('Benjamin') }])
    expect(page.chats).toMatchObject([{ peer: { firstName: 'Benjamin' } }])
    expect(await contactsOf(ana)).toMatchObject([named('Benjamin')])
  })

  test.each([false, true])('who is gone is said to be gone (chat: %s)', async (hasChat) => {
    const { ana, ben } = await befriended()
    await save(ana, ben, 'From the harbor')
    if (hasChat) await send(ana, ben, 'hello')
    await delivered(ana, ben)
    const { cursor } = await changes(ana)
    await ok('deleteMe', {}, { as: ben })
    await delivered(ana, ben)
    await wakeAnew(ana)
    await vi.waitFor(async () => {
      expect((await changes(ana, cursor)).contacts).toMatchObject([
        { contact: { name: 'From the harbor', user: null } },
      ])
    })
    expect(await contactsOf(ana)).toMatchObject([{ userId: ben.id, user: null }])
  })

  test.each([false, true])('who is gone leaves nothing of their profile in the mailbox (chat: %s)', async (hasChat) => {
    const { ana, ben } = await befriended()
    await rename(ben, 'Xylophone')
    await save(ana, ben)
    if (hasChat) await send(ana, ben, 'hello')
    await delivered(ana, ben)
    expect(await contentOf(ana)).toContain('Xylophone')
    await ok('deleteMe', {}, { as: ben })
    await delivered(ana, ben)
    await wakeAnew(ana)
    await vi.waitFor(async () => {
      await contactsOf(ana)
      expect(await contentOf(ana)).not.toContain('Xylophone')
    })
  })

  test('saved by an earlier version gets its profile soon', async () => {
    const { ana, ben } = await befriended()
    await save(ana, ben)
    await alterMailbox(ana.id, 'UPDATE contacts SET profile = NULL')
    expect(await contactsOf(ana)).toMatchObject([{ userId: ben.id, user: { id: ben.id, firstName: null } }])
    await vi.waitFor(async () => expect(await contactsOf(ana)).toMatchObject([named('Ben')]))
  })

  test('is compared with D1 at most once a minute, and what has not changed writes nothing', async () => {
    const { ana, ben } = await befriended()
    await save(ana, ben)
    await wakeAnew(ana)
    const { result, statements } = await countD1(() =>
      countRows(ana.id, async () => {
        for (let n = 0; n < 5; n++) await changes(ana)
        await scheduler.wait(50)
      }),
    )
    expect(statements).toBe(1)
    expect(result.written).toBe(0)
    expect(limits.contactsRefreshMs).toBe(60_000)
  })
})

describe('a blocked user', () => {
  test('keeps the profile of when they were blocked, until they are gone', async () => {
    const { ana, ben } = await befriended()
    await save(ana, ben)
    expect(await block(ana, ben)).toMatchObject({ userId: ben.id, ...named('Ben') })
    await rename(ben, 'Benjamin')
    await wakeAnew(ana)
    const { cursor } = await changes(ana)
    await scheduler.wait(50)
    expect(await blocksOf(ana)).toMatchObject([named('Ben')])
    expect(await contactsOf(ana)).toMatchObject([named('Ben')])
    await ok('deleteMe', {}, { as: ben })
    await delivered(ana, ben)
    await wakeAnew(ana)
    await vi.waitFor(async () => {
      expect((await changes(ana, cursor)).blocks).toMatchObject([{ block: { user: null } }])
    })
    expect(await blocksOf(ana)).toMatchObject([{ userId: ben.id, user: null }])
  })

  test('shows what the chat shows, and the present profile once unblocked', async () => {
    const { ana, ben } = await befriended()
    await save(ana, ben)
    await send(ana, ben, 'hello')
    await delivered(ana, ben)
    await block(ana, ben)
    await rename(ben, 'Benjamin')
    await delivered(ben)
    expect(await blocksOf(ana)).toMatchObject([named('Ben')])
    const { cursor } = await changes(ana)
    await ok('unblockUser', { params: { userId: ben.id } }, { as: ana })
    await delivered(ana, ben)
    expect(await contactsOf(ana)).toMatchObject([named('Benjamin')])
    expect((await changes(ana, cursor)).contacts).toMatchObject([{ contact: named('Benjamin') }])
  })
})

describe('looking up users', () => {
  test('returns each once, in the order of the request, and who does not exist', async () => {
    const { ana, ben } = await befriended()
    const carol = await newUser()
    await send(ana, carol, 'hello')
    const nobody = 'usr_01KAT5K6ZQ8Q4V3N7B2YH1M0XC'
    const userIds = [carol.id, nobody, ben.id, carol.id, ana.id]
    const found = await ok<{ users: User[]; notFound: string[] }>('lookUpUsers', { body: { userIds } }, { as: ana })
    expect(found.users.map(({ id }) => id)).toEqual([carol.id, ben.id, ana.id])
    expect(found.notFound).toEqual([nobody])
    expect(found.users[1]).toEqual(await ok('getUser', { params: { userId: ben.id } }, { as: ana }))
  })

  test('shows of a peer who has blocked the user what their chat shows', async () => {
    const { ana, ben } = await befriended()
    await send(ana, ben, 'hello')
    await delivered(ana, ben)
    await block(ben, ana)
    await rename(ben, 'Benjamin')
    await delivered(ben)
    const { users } = await ok<{ users: User[] }>('lookUpUsers', { body: { userIds: [ben.id] } }, { as: ana })
    expect(users).toMatchObject([{ firstName: 'Ben' }])
  })

  test.each([
    [[], '/userIds'],
    [['usr_1'], '/userIds/0'],
    [Array.from({ length: 101 }, () => 'usr_01KAT5K6ZQ8Q4V3N7B2YH1M0XC'), '/userIds'],
  ] as const)('refuses %j', async (userIds, pointer) => {
    const { body } = await refused('lookUpUsers', 'invalid_request', { body: { userIds } }, { as: await newUser() })
    expect(body.errors?.[0]?.pointer).toBe(pointer)
  })
})
