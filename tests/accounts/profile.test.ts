import { describe, expect, test } from 'vitest'
import type { Chat } from '../../schemas/chat'
import type { Matches } from '../../schemas/contact'
import type { Me, User } from '../../schemas/user'
import { call, ok, refused } from '../support/call'
import { ringUntilDelivered } from '../support/delivery-faults'
import { newPhoneNumber, newUser, type TestUser } from '../support/users'

const update = (user: TestUser, body: unknown) => ok<Me>('updateMe', { body }, { as: user })
const someName = () => `sailor_${crypto.randomUUID().slice(0, 8)}`

describe('a profile', () => {
  test('changes only in the given fields, null clears a field, and repeating an update changes nothing', async () => {
    const user = await newUser()
    const username = someName()
    const full = await update(user, { username, firstName: 'Ana', lastName: 'Silva', about: 'At sea' })
    expect(full).toMatchObject({ username, firstName: 'Ana', lastName: 'Silva', about: 'At sea' })
    const cleared = await update(user, { about: null })
    expect(cleared).toMatchObject({ username, firstName: 'Ana', about: null })
    expect(await update(user, { about: null })).toEqual(cleared)
    expect(await update(user, {})).toEqual(cleared)
    expect(await ok<Me>('getMe', {}, { as: user })).toEqual(cleared)
  })

  test.for([
    [{ username: 'ab' }, '/username'],
    [{ username: 'has space' }, '/username'],
    [{ username: 'x'.repeat(33) }, '/username'],
    [{ firstName: ' ' }, '/firstName'],
    [{ firstName: 'x'.repeat(65) }, '/firstName'],
    [{ lastName: 'a\0b' }, '/lastName'],
    [{ about: '\ud800' }, '/about'],
    [{ avatarFileId: 'usr_01KAT5K6ZQ8Q4V3N7B2YH1M0XC' }, '/avatarFileId'],
    [{ phoneNumber: '+12025550100' }, '/phoneNumber'],
  ] as const)('rejects %j, names the field and changes nothing', async ([body, pointer]) => {
    const user = await newUser()
    const before = await ok<Me>('getMe', {}, { as: user })
    const { body: problem } = await refused(
      'updateMe',
      'invalid_request',
      { body: { ...body, about: 'x', ...body } },
      { as: user },
    )
    expect(problem.errors?.map((error) => error.pointer)).toContain(pointer)
    expect(await ok<Me>('getMe', {}, { as: user })).toEqual(before)
  })

  test('accepts a name of 64 characters outside the Basic Multilingual Plane', async () => {
    const firstName = '😀'.repeat(64)
    expect((await update(await newUser(), { firstName })).firstName).toBe(firstName)
  })
})

describe('a profile changed by several devices', () => {
  const me = (user: TestUser) => call<Me>('getMe', {}, { as: user })
  const etagOf = async (user: TestUser) => (await me(user)).headers.get('ETag') ?? ''
  const patch = (user: TestUser, ifMatch: string, body: object) =>
    ['updateMe', { headers: { 'If-Match': ifMatch }, body }, { as: user }] as const

  test('changes only from the state that the caller has seen', async () => {
    const user = await newUser()
    const first = await etagOf(user)
    expect(first).toMatch(/^"[^"]+"$/)
    expect(await etagOf(user)).toBe(first)
    const changed = await call<Me>(...patch(user, first, { firstName: 'Ana' }))
    expect(changed.status).toBe(200)
    expect(changed.headers.get('ETag')).not.toBe(first)
    expect(changed.headers.get('ETag')).toBe(await etagOf(user))

    const [operation, late, as] = patch(user, first, { firstName: 'Eva', about: 'late' })
    await refused(operation, 'precondition_failed', late, as)
    expect((await me(user)).body).toEqual(changed.body)
  })

  test('accepts one of twenty changes that start from the same state', async () => {
    const user = await newUser()
    const etag = await etagOf(user)
    const names = Array.from({ length: 20 }, (_, n) => `Ana ${n}`)
    const answers = await Promise.all(names.map((firstName) => call<Me>(...patch(user, etag, { firstName }))))
    const [done, ...others] = answers.filter(({ status }) => status === 200)
    expect(others).toEqual([])
    expect(answers.filter(({ status }) => status === 412)).toHaveLength(19)
    expect((await me(user)).body).toEqual(done?.body)
  })

  test('accepts the retry of a change whose response was lost', async () => {
    const user = await newUser()
    const etag = await etagOf(user)
    const [first, again] = [
      await call<Me>(...patch(user, etag, { about: 'At sea' })),
      await call<Me>(...patch(user, etag, { about: 'At sea' })),
    ]
    expect(again.body).toEqual(first.body)
    expect(again.headers.get('ETag')).toBe(first.headers.get('ETag'))
  })

  test('follows RFC 9110 for If-Match: lists, `*` and no weak tags', async () => {
    const [user, other] = [await newUser(), await newUser()]
    const now = () => etagOf(user)
    const taken = async (ifMatch: string, about: string) => (await call(...patch(user, ifMatch, { about }))).status
    expect(await taken('*', 'a')).toBe(200)
    expect(await taken(`"x", ${await now()} , W/"y"`, 'b')).toBe(200)
    for (const ifMatch of [`W/${await now()}`, '"x"', '"', 'x', (await now()).slice(1, -1), await etagOf(other)])
      expect(await taken(ifMatch, 'c'), ifMatch).toBe(412)
  })
})

describe('a username', () => {
  test('belongs to one user in any letter case, and is found in any letter case', async () => {
    const [alice, bob] = [await newUser(), await newUser()]
    const username = someName()
    await update(alice, { username })
    const taken = await refused(
      'updateMe',
      'username_taken',
      { body: { username: username.toUpperCase(), firstName: 'Bob' } },
      { as: bob },
    )
    expect(taken.body.errors?.[0]?.pointer).toBe('/username')
    expect((await ok<Me>('getMe', {}, { as: bob })).firstName).toBeNull()

    const { items } = await ok<{ items: User[] }>(
      'findUserByUsername',
      { query: { username: username.toUpperCase() } },
      { as: bob },
    )
    expect(items.map(({ id }) => id)).toEqual([alice.id])
    expect((await update(alice, { username: username.toUpperCase() })).username).toBe(username.toUpperCase())
    await update(alice, { username: null })
    expect((await ok<{ items: User[] }>('findUserByUsername', { query: { username } }, { as: bob })).items).toEqual([])
    await update(bob, { username })
  })
})

test('a stranger never sees a phone number', async () => {
  const [alice, bob] = [await newUser(), await newUser()]
  const username = someName()
  await update(alice, { username })
  const seen = [
    await ok('getUser', { params: { userId: alice.id } }, { as: bob }),
    await ok('findUserByUsername', { query: { username } }, { as: bob }),
  ]
  expect(JSON.stringify(seen)).not.toContain(alice.phoneNumber.slice(1))
})

test('an id that belongs to no user is not found', async () => {
  const user = await newUser()
  await refused('getUser', 'user_not_found', { params: { userId: 'usr_01KAT5K6ZQ8Q4V3N7B2YH1M0XC' } }, { as: user })
})

test('a new name reaches the chats of peers on its own', async () => {
  const [alice, bob] = [await newUser(), await newUser()]
  await ok('sendMessage', { params: { chatId: bob.id }, body: { clientMessageId: 'a', text: 'hello' } }, { as: alice })
  await update(alice, { firstName: 'Alice' })
  await update(bob, { firstName: 'Bob' })
  await ringUntilDelivered([alice.id, bob.id])
  const peerOf = async (user: TestUser, peer: TestUser) =>
    (await ok<Chat>('getChat', { params: { chatId: peer.id } }, { as: user })).peer
  expect(await peerOf(bob, alice)).toMatchObject({ id: alice.id, firstName: 'Alice' })
  expect(await peerOf(alice, bob)).toMatchObject({ id: bob.id, firstName: 'Bob' })
})

describe('finding contacts', () => {
  test('returns numbers as the caller wrote them and says which are invalid', async () => {
    const [alice, bob] = [await newUser(), await newUser()]
    const national = bob.phoneNumber.replace('+1', '').replace(/(...)(...)(....)/, '($1) $2-$3')
    const phoneNumbers = [bob.phoneNumber, national, newPhoneNumber(), 'grandma', '', '+1', alice.phoneNumber]
    const { matches, invalid } = await ok<Matches>(
      'findContacts',
      { body: { phoneNumbers, region: 'US' } },
      { as: alice },
    )
    expect(matches.map(({ phoneNumber, user }) => [phoneNumber, user.id])).toEqual([
      [bob.phoneNumber, bob.id],
      [national, bob.id],
      [alice.phoneNumber, alice.id],
    ])
    expect(invalid).toEqual(['grandma', '', '+1'])
  })

  test('accepts 500 numbers and no more', async () => {
    const user = await newUser()
    const numbers = Array.from({ length: 500 }, newPhoneNumber)
    await ok('findContacts', { body: { phoneNumbers: numbers } }, { as: user })
    await refused(
      'findContacts',
      'invalid_request',
      { body: { phoneNumbers: [...numbers, '+12025550100'] } },
      { as: user },
    )
    await refused('findContacts', 'phone_number_invalid', { body: { phoneNumbers: ['1'], region: 'ZZ' } }, { as: user })
  })
})
