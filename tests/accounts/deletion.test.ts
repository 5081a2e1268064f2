import { runDurableObjectAlarm, runInDurableObject } from 'cloudflare:test'
import { env } from 'cloudflare:workers'
import { afterEach, describe, expect, test, vi } from 'vitest'
import type { SignedIn, Verification } from '../../schemas/authentication'
import type { Changes } from '../../schemas/changes'
import type { Chat } from '../../schemas/chat'
import type { File } from '../../schemas/file'
import type { Message, Messages } from '../../schemas/message'
import { limits } from '../../src/core/limits'
import { readConfig } from '../../src/settings/config'
import { keysOfNumber } from '../../src/settings/send-keys'
import { sign } from '../../src/settings/signing'
import { type Caller, call, ok, refused } from '../support/call'
import { chat, delivered, edit, get, list, markRead, pair, react, remove, send } from '../support/chat-calls'
import { later } from '../support/clock'
import {
  crash,
  type Fault,
  HungCalls,
  injectFaults,
  inMailbox,
  interceptCalls,
  makeWithFault,
  stubOf,
} from '../support/delivery-faults'
import * as media from '../support/media'
import { configureMailbox } from '../support/rotation'
import { connect } from '../support/socket'
import { faultStorage, hang, type StorageFault } from '../support/storage-faults'
import { codeFor, newPhoneNumber, newUser, signIn, type TestUser } from '../support/users'

const undo: (() => unknown)[] = []
afterEach(() => {
  for (const remove of undo.splice(0).reverse()) remove()
})

const upload = (as: TestUser, name = 'lighthouse.txt') =>
  ok<File>(
    'uploadFile',
    { raw: `the bytes of ${name}`, query: { name }, headers: { 'Content-Type': 'text/plain' } },
    { as },
  )

// Catches what hangs; not a measure of speed.
const patience = { timeout: 60_000 }

const deleteMe = async (user: Caller) => expect((await call('deleteMe', {}, { as: user })).status).toBe(204)

const tablesOf = (userId: string) =>
  inMailbox<{ name: string }>(
    userId,
    `SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE '\\_cf\\_%' ESCAPE '\\' ORDER BY name`,
  ).then((rows) => rows.map(({ name }) => name))

const roundsMax = 60

/** Runs the alarm, and nothing else, until only the tombstone is left. The clock moves only for the backoff. */
async function ringUntilErased(userId: string, stepMs = 10 * 60_000) {
  try {
    for (let round = 1; round <= roundsMax; round++) {
      vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + stepMs })
      await runDurableObjectAlarm(stubOf(userId))
      if ((await tablesOf(userId)).join() === 'tombstone') return
    }
    throw new Error(`Not erased after ${roundsMax} rounds of alarms: ${await tablesOf(userId)}`)
  } finally {
    vi.useRealTimers()
  }
}

const rowsOf = (query: string, ...values: string[]) =>
  env.DB.prepare(query)
    .bind(...values)
    .all()
    .then(({ results }) => results)

/** Nothing is left of a user but the tombstone, which says nothing about them. */
async function expectNothingLeft(user: Pick<TestUser, 'id' | 'phoneNumber'>, fileIds: string[]) {
  expect(await tablesOf(user.id)).toEqual(['tombstone'])
  const tombstone = await inMailbox(user.id, 'SELECT * FROM tombstone')
  expect(tombstone).toEqual([{ erased_at: expect.any(Number) }])
  expect(await runInDurableObject(stubOf(user.id), (_, { storage }) => storage.getAlarm())).toBeNull()
  expect(await rowsOf('SELECT * FROM users WHERE id = ? OR phone_number = ?', user.id, user.phoneNumber)).toEqual([])
  const known = 'SELECT * FROM verifications WHERE phone_number = ? OR candidate_user_id = ? OR user_id = ?'
  expect(await rowsOf(known, user.phoneNumber, user.id, user.id)).toEqual([])
  for (const table of ['reports', 'reported_messages']) {
    const texts = JSON.stringify(await rowsOf(`SELECT * FROM ${table}`))
    expect(texts).not.toContain(user.id)
    expect(texts).not.toContain(user.phoneNumber)
  }
  const keys = JSON.stringify(keysOfNumber(readConfig(env), user.phoneNumber))
  const networks = 'SELECT * FROM known_networks WHERE number_key IN (SELECT value FROM json_each(?))'
  expect(await rowsOf(networks, keys)).toEqual([])
  expect(await rowsOf('SELECT * FROM otp_challenges WHERE phone_number = ?', user.phoneNumber)).toEqual([])
  const orphans = 'SELECT * FROM otp_checks WHERE verification_id NOT IN (SELECT id FROM verifications)'
  expect(await rowsOf(orphans)).toEqual([])
  for (const fileId of fileIds) expect(await env.FILES.head(fileId)).toBeNull()
}

const textsOf = async (user: TestUser, peer: { id: string }) =>
  (await ok<Messages>('listMessages', { params: { chatId: peer.id }, query: { limit: 200 } }, { as: user })).items
    .map(({ text }) => text)
    .toReversed()

describe('deleting an account', () => {
  test('ends every session and every socket immediately', async () => {
    const ana = await newUser()
    const other = { ...ana, ...(await signIn(ana.phoneNumber)).tokens }
    const { ticket } = await ok<{ ticket: string }>('createRealtimeTicket', {}, { as: ana })
    const sockets = [await connect(ana), await connect(other)]
    await deleteMe(ana)
    for (const socket of sockets) expect((await socket.closed).code).toBe(4401)
    for (const user of [ana, other]) {
      await refused('getMe', 'session_ended', {}, { as: user })
      expect((await call('deleteMe', {}, { as: user })).status).toBe(204)
      await refused('refreshTokens', 'refresh_token_invalid', { body: { refreshToken: user.refreshToken } })
    }
    await ringUntilErased(ana.id)
    await refused('getMe', 'session_ended', {}, { as: ana })
    await refused('refreshTokens', 'refresh_token_invalid', { body: { refreshToken: other.refreshToken } })
    const opening = await call('connectRealtime', { query: { ticket }, headers: { Upgrade: 'websocket' } })
    expect(opening.status).toBe(401)
  })

  test('leaves peers what they were sent, in a chat without a peer that accepts no new messages', async () => {
    const [ana, ben] = await pair()
    await ok('updateMe', { body: { firstName: 'Ana' } }, { as: ana })
    const file = await upload(ana)
    const question = await send(ana, ben, 'Did you see it?', { attachmentFileIds: [file.id] })
    await delivered(ana, ben)
    await send(ben, ana, 'Yes')
    await delivered(ana, ben)
    expect((await chat(ben, ana)).peer).toMatchObject({ firstName: 'Ana' })
    const { cursor } = await ok<Changes>('listChanges', {}, { as: ben })

    await deleteMe(ana)
    await ringUntilErased(ana.id)
    await expectNothingLeft(ana, [file.id])
    const left = await chat(ben, ana)
    expect(left).toMatchObject({ kind: 'direct', peer: null })
    expect((await ok<Changes>('listChanges', { query: { cursor } }, { as: ben })).chats).toEqual([left])
    expect(await textsOf(ben, ana)).toEqual(['Did you see it?', 'Yes'])
    await refused('getFile', 'file_not_found', { params: { fileId: file.id } }, { as: ben })
    await refused('getUser', 'user_not_found', { params: { userId: ana.id } }, { as: ben })
    const more = { params: { chatId: ana.id }, body: { clientMessageId: 'after', text: 'Are you there?' } }
    await refused('sendMessage', 'chat_not_found', more, { as: ben })

    await react(ben, ana, question, '👍')
    await markRead(ben, ana, question)
    await remove(ben, ana, question)
    await ok('clearChat', { params: { chatId: ana.id } }, { as: ben })
    await delivered(ben)
    await crash()
    expect((await chat(ben, ana)).peer).toBeNull()
  })

  test('frees the phone number: the next sign-in creates a new user, a stranger to everyone', async () => {
    const [ana, ben] = await pair()
    await send(ana, ben, 'hello')
    await delivered(ana, ben)
    await deleteMe(ana)
    await ringUntilErased(ana.id)
    const { user, isNewUser, tokens } = await signIn(ana.phoneNumber)
    expect({ isNewUser, isOther: user.id !== ana.id }).toEqual({ isNewUser: true, isOther: true })
    expect((await ok<{ items: Chat[] }>('listChats', {}, { as: tokens })).items).toEqual([])
    await refused('getChat', 'chat_not_found', { params: { chatId: ben.id } }, { as: tokens })
  })

  test('does not keep the owner from signing up again while it is in progress', async () => {
    const [ana, ben] = await pair()
    await send(ana, ben, 'hello')
    const held = faultStorage('D1 batch', 'hangsBefore', 1)
    undo.push(held.remove)
    await deleteMe(ana)
    await expect.poll(() => held.happened, patience).toBe(1)
    const { user, isNewUser, tokens } = await signIn(ana.phoneNumber)
    expect({ isNewUser, isOther: user.id !== ana.id }).toEqual({ isNewUser: true, isOther: true })
    await crash()
    await ringUntilErased(ana.id)
    expect((await call('getMe', {}, { as: tokens })).status).toBe(200)
    expect(await textsOf(ben, ana)).toEqual(['hello'])
    expect(await rowsOf('SELECT id FROM users WHERE phone_number = ?', ana.phoneNumber)).toEqual([{ id: user.id }])
  })

  test('is not undone by a replay of the sign-in that created the account', async () => {
    const phoneNumber = newPhoneNumber()
    const { verificationId } = await ok<Verification>('sendOtp', { body: { phoneNumber } })
    const input = { body: { verificationId, code: codeFor(phoneNumber) } }
    const { tokens, user } = await ok<SignedIn>('verifyOtp', input)
    const held = faultStorage('D1 batch', 'hangsBefore', 1)
    undo.push(held.remove)
    const ana = { ...tokens, ...user }
    await deleteMe(ana)
    await expect.poll(() => held.happened, patience).toBe(1)
    await refused('verifyOtp', 'otp_used', input)
    expect(await rowsOf('SELECT id FROM users WHERE phone_number = ?', phoneNumber)).toEqual([])
    await crash()
    await ringUntilErased(user.id)
    await refused('verifyOtp', 'verification_not_found', input)
    await expectNothingLeft(ana, [])
  })
})

/** A user with everything an account can have, some of it not yet delivered. */
async function fullAccount() {
  const [ana, ben] = await pair()
  const eva = await newUser()
  const files = [await upload(ana, 'one.txt'), await upload(ana, 'two.txt')]
  const picture = await ok<File>(
    'uploadFile',
    {
      raw: media.jpeg({ orientation: 6, metadata: true }),
      query: { name: 'me.jpg' },
      headers: { 'Content-Type': 'image/jpeg' },
    },
    { as: ana },
  )
  await ok('updateMe', { body: { firstName: 'Ana', avatarFileId: picture.id } }, { as: ana })
  await ok('saveContact', { params: { userId: ben.id }, body: {} }, { as: ana })
  const first = await send(ana, ben, 'one')
  await send(ana, eva, 'two')
  await send(ana, ana, 'a note')
  await delivered(ana, ben, eva)
  const answer = await send(ben, ana, 'an answer')
  await delivered(ana, ben, eva)
  const report = (from: TestUser, about: TestUser, more: object = {}) =>
    ok('reportUser', { params: { userId: about.id }, body: { reason: 'other', ...more } }, { as: from })
  await report(ana, ben, { comment: 'I am Ana Silva', messageIds: [first.id, answer.id] })
  for (const messageIds of [[], [first.id, answer.id]]) await report(ben, ana, { messageIds })
  await report(ben, eva)
  return { ana, ben, eva, first, answer, fileIds: [...[...files, picture].map(({ id }) => id), `${picture.id}.avatar`] }
}

const reportsAmong = (...users: TestUser[]) =>
  rowsOf(
    `SELECT reporter_id, coalesce(reported_id, reported_key) AS about, comment,
       (SELECT json_group_array(text) FROM reported_messages, json_each(evidence)
         WHERE report_id = value ->> 'copyIn' AND message_id = value ->> 'id') AS texts
     FROM reports WHERE reporter_id IN (SELECT value FROM json_each(?1)) OR reported_id IN (SELECT value FROM json_each(?1))
     ORDER BY id`,
    JSON.stringify(users.map(({ id }) => id)),
  )

/**
 * Ana's report keeps that Ben was reported and what he wrote. Those about her keep what they copied, under a key instead
 * of her id.
 */
function reportsLeft(ana: TestUser, ben: TestUser, eva: TestUser, { text }: Message) {
  const key = sign(readConfig(env), 'report', ana.phoneNumber)
  return [
    { reporter_id: null, about: ben.id, comment: null, texts: JSON.stringify([text]) },
    { reporter_id: ben.id, about: key, comment: null, texts: '[]' },
    { reporter_id: ben.id, about: key, comment: null, texts: JSON.stringify(['one', text]) },
    { reporter_id: ben.id, about: eva.id, comment: null, texts: '[]' },
  ]
}

describe('an erasure loses nothing that was acknowledged and leaves nothing but the tombstone,', () => {
  type Interruption = () => { happened: number; remove: () => unknown }

  const delivering =
    (fault: Fault, isMeant: (delivery: { gone?: true; creations: unknown[] }) => boolean): Interruption =>
    () => {
      const late: (() => Promise<unknown>)[] = []
      const hung = new HungCalls()
      const state = { happened: 0, remove: () => {} }
      const restore = interceptCalls(async (one) => {
        const [delivery] = one.input
        const isOurs = one.method === 'receive' && isMeant(Object(delivery))
        if (!isOurs || state.happened >= (fault === 'hangs' ? 1 : 2)) return one.make()
        state.happened++
        if (fault !== 'hangs') return makeWithFault(fault, one, { hold: (make) => late.push(make), hung })
        await one.make()
        return hang()
      })
      state.remove = () => {
        restore()
        return Promise.all(late.map((make) => make()))
      }
      return state
    }

  const storing =
    (...[kind, fault]: [Parameters<typeof faultStorage>[0], StorageFault]): Interruption =>
    () =>
      faultStorage(kind, fault, 1)

  const storageFaults: StorageFault[] = ['lost', 'replyLost', 'hangsBefore', 'hangsAfter']
  const deliveryFaults: Fault[] = ['dropped', 'replyLost', 'doubled', 'late', 'hangs']
  const interruptions: [string, Interruption][] = [
    ...storageFaults.map((fault): [string, Interruption] => [`D1: ${fault}`, storing('D1 batch', fault)]),
    ...deliveryFaults.map((fault): [string, Interruption] => [
      `messages: ${fault}`,
      delivering(fault, ({ creations }) => creations.length > 0),
    ]),
    ...deliveryFaults.map((fault): [string, Interruption] => [
      `the notice to peers: ${fault}`,
      delivering(fault, ({ gone }) => gone === true),
    ]),
    ...storageFaults.map((fault): [string, Interruption] => [`R2: ${fault}`, storing('R2 delete', fault)]),
  ]

  test.each(interruptions)('even when interrupted at %s', async (_, interrupt) => {
    const { ana, ben, eva, first, answer, fileIds } = await fullAccount()
    const hold = injectFaults(() => 'dropped')[1]
    await send(ana, ben, 'not delivered yet')
    await edit(ana, first, 'one, edited')
    hold()
    const interruption = interrupt()
    undo.push(interruption.remove)
    await deleteMe(ana)
    await expect.poll(() => interruption.happened, patience).toBeGreaterThan(0)
    await crash()
    await ringUntilErased(ana.id)
    await interruption.remove()

    await expectNothingLeft(ana, fileIds)
    expect(await textsOf(ben, ana)).toEqual(['one, edited', 'an answer', 'not delivered yet'])
    expect(await textsOf(eva, ana)).toEqual(['two'])
    expect(await reportsAmong(ben, eva)).toEqual(reportsLeft(ana, ben, eva, answer))
    for (const peer of [ben, eva]) expect(await chat(peer, ana)).toMatchObject({ peer: null })
    await delivered(ben, eva)
  })

  test('even when interrupted as soon as the deletion is acknowledged', async () => {
    const { ana, ben, fileIds } = await fullAccount()
    await send(ana, ben, 'the last word')
    await deleteMe(ana)
    await crash()
    await ringUntilErased(ana.id)
    await expectNothingLeft(ana, fileIds)
    expect((await textsOf(ben, ana)).at(-1)).toBe('the last word')
  })

  test('even when interrupted before and after the last step', async () => {
    const { ana, fileIds } = await fullAccount()
    const prototype = await runInDurableObject(stubOf(ana.id), (_, { storage }) => Object.getPrototypeOf(storage))
    const { deleteAll } = prototype
    undo.push(() => Object.assign(prototype, { deleteAll }))
    let failures = 0
    prototype.deleteAll = () => {
      failures++
      throw new Error('The storage is busy')
    }
    await deleteMe(ana)
    // Pictures are removed twice, a minute apart: each time more than that has passed since the last.
    let minutes = 0
    const ring = () => {
      minutes += 2
      return later(60 * minutes, () => runDurableObjectAlarm(stubOf(ana.id)))
    }
    await expect.poll(async () => [await ring(), failures].at(-1), patience).toBeGreaterThan(0)
    expect((await tablesOf(ana.id)).length).toBeGreaterThan(1)
    let isDone = false
    prototype.deleteAll = async function (this: DurableObjectStorage) {
      await deleteAll.call(this)
      isDone = true
      return hang()
    }
    await crash()
    void ring().catch(() => {})
    await expect.poll(() => isDone, patience).toBe(true)
    await crash()
    await expectNothingLeft(ana, fileIds)
  })
})

describe('when a user is erased,', () => {
  test('deliveries that peers still owed them are no longer due', async () => {
    const [ana, ben] = await pair()
    const eva = await newUser()
    for (const peer of [ben, eva]) await send(peer, ana, 'hello')
    await delivered(ana, ben, eva)
    const [faults, restore] = injectFaults(() => 'dropped')
    undo.push(restore)
    const kept = await send(ben, ana, 'Are you there?')
    const hidden = await send(ben, ana, 'hidden while it waited')
    await remove(ben, ana, hidden)
    await deleteMe(ana)
    faults.next = () => 'none'
    await ringUntilErased(ana.id)
    await delivered(ben, eva)
    expect(await textsOf(ben, ana)).toEqual(['hello', 'Are you there?'])
    expect((await list(ben, ana)).items.find(({ id }) => id === kept.id)?.status).toBe('sent')
    expect(await inMailbox(ben.id, `SELECT text FROM messages WHERE id = '${hidden.id}'`)).toEqual([{ text: '' }])
  })

  test('a mailbox that was not told learns of it from its next delivery', async () => {
    const [ana, ben] = await pair()
    await send(ben, ana, 'hello')
    await delivered(ana, ben)
    const message = await send(ana, ben, 'to be refused')
    await ok('blockUser', { params: { userId: ana.id } }, { as: ben })
    const [known] = await inMailbox<{ peer: string }>(ben.id, 'SELECT peer FROM chats')
    await deleteMe(ana)
    await ringUntilErased(ana.id)
    await runInDurableObject(stubOf(ben.id), (_, { storage }) =>
      storage.sql.exec('UPDATE chats SET peer_gone = 0, peer = ?', known?.peer ?? null),
    )
    await crash()
    await ok('unblockUser', { params: { userId: ana.id } }, { as: ben })
    expect((await chat(ben, ana)).peer).not.toBeNull()
    const unheard = await send(ben, ana, 'Are you there?')
    await delivered(ben)
    expect((await chat(ben, ana)).peer).toBeNull()
    expect((await get(ben, ana, unheard)).status).toBe('sent')
    expect(message.status).toBe('sent')
  })

  test('a block neither hides it nor brings the profile back', async () => {
    const [ana, ben] = await pair()
    await send(ana, ben, 'hello')
    await delivered(ana, ben)
    await ok('blockUser', { params: { userId: ana.id } }, { as: ben })
    await ok('updateMe', { body: { firstName: 'Ana' } }, { as: ana })
    await delivered(ana)
    await deleteMe(ana)
    await ringUntilErased(ana.id)
    expect((await chat(ben, ana)).peer).toBeNull()
    await ok('unblockUser', { params: { userId: ana.id } }, { as: ben })
    expect((await chat(ben, ana)).peer).toBeNull()
    expect(JSON.stringify(await inMailbox(ben.id, 'SELECT * FROM blocks'))).not.toContain('Ana')
  })

  test('and a peer at the same time, neither waits for the other', async () => {
    const [ana, ben] = await pair()
    await send(ana, ben, 'hello')
    await delivered(ana, ben)
    const [faults, restore] = injectFaults(() => 'dropped')
    undo.push(restore)
    await Promise.all([deleteMe(ana), deleteMe(ben)])
    faults.next = () => 'none'
    await ringUntilErased(ana.id)
    await ringUntilErased(ben.id)
    for (const user of [ana, ben]) await expectNothingLeft(user, [])
  })

  test('an unreachable peer is waited for, but not forever', async () => {
    const [ana, ben] = await pair()
    await send(ana, ben, 'hello')
    await delivered(ana, ben)
    const [, restore] = injectFaults(() => 'dropped')
    undo.push(restore)
    await deleteMe(ana)
    const half = limits.erasurePatienceMs / 2
    await expect(ringUntilErased(ana.id, half / roundsMax)).rejects.toThrow('Not erased after')
    await ringUntilErased(ana.id, half)
    await expectNothingLeft(ana, [])
  })

  test('an upload in progress leaves no bytes behind', async () => {
    const ana = await newUser()
    const cut = faultStorage('R2 delete', 'lost', 1)
    undo.push(cut.remove)
    let fileId = ''
    const restore = interceptCalls(async (one) => {
      if (one.method === 'storeFile') {
        fileId = String(one.input[1])
        await deleteMe(ana)
      }
      return one.make()
    })
    undo.push(restore)
    const answer = await call(
      'uploadFile',
      { raw: 'bytes', query: { name: 'late.txt' }, headers: { 'Content-Type': 'text/plain' } },
      { as: ana },
    )
    expect(answer.status).toBe(401)
    expect(await env.FILES.head(fileId)).not.toBeNull()
    await ringUntilErased(ana.id)
    await expectNothingLeft(ana, [fileId])
  })
})

describe('a phone number that signs in again after 180 days', () => {
  const day = 86_400

  test('gets a new account, and nobody can read the old one', async () => {
    const [ana, ben] = await pair()
    const file = await upload(ana)
    await send(ana, ben, 'hello')
    await delivered(ana, ben)
    await later(181 * day, async () => {
      const { verificationId } = await ok<Verification>('sendOtp', { body: { phoneNumber: ana.phoneNumber } })
      const input = { body: { verificationId, code: codeFor(ana.phoneNumber) } }
      const first = await ok<SignedIn>('verifyOtp', input)
      expect({ isNewUser: first.isNewUser, isOther: first.user.id !== ana.id }).toEqual({
        isNewUser: true,
        isOther: true,
      })
      await runDurableObjectAlarm(stubOf(ana.id))
      const again = await ok<SignedIn>('verifyOtp', input)
      expect(again.user.id).toBe(first.user.id)
      expect((await ok<{ items: Chat[] }>('listChats', {}, { as: again.tokens })).items).toEqual([])
      await refused('refreshTokens', 'refresh_token_invalid', { body: { refreshToken: ana.refreshToken } })
    })
    await ringUntilErased(ana.id)
    expect(await env.FILES.head(file.id)).toBeNull()
    expect(await rowsOf('SELECT * FROM users WHERE id = ?', ana.id)).toEqual([])
    const { tokens } = await signIn(ben.phoneNumber)
    expect(await textsOf({ ...ben, ...tokens }, ana)).toEqual(['hello'])
  })

  test('still signs in to an account that a device has used since, and to one idle for a day less', async () => {
    const [ana, ben] = await pair()
    let { refreshToken } = ana
    for (let days = 25; days <= 175; days += 25)
      refreshToken = (
        await later(days * day, () => ok<{ refreshToken: string }>('refreshTokens', { body: { refreshToken } }))
      ).refreshToken
    expect((await later(200 * day, () => signIn(ana.phoneNumber))).user.id).toBe(ana.id)
    expect((await later(179 * day, () => signIn(ben.phoneNumber))).user.id).toBe(ben.id)
  })

  /** The user that a sign-in after 181 days returns, given a refresh token from before. */
  const returning = (phoneNumber: string, previousRefreshToken: string) =>
    later(181 * day, async () => {
      const { verificationId } = await ok<Verification>('sendOtp', { body: { phoneNumber } })
      const body = { verificationId, code: codeFor(phoneNumber), previousRefreshToken }
      return (await ok<SignedIn>('verifyOtp', { body })).user.id
    })
  const refreshed = async (refreshToken: string) =>
    (await ok<{ refreshToken: string }>('refreshTokens', { body: { refreshToken } })).refreshToken

  test('keeps its account for a device that presents its last refresh token, or one whose successor was lost', async () => {
    const [ana, ben] = await pair()
    const eva = await newUser()
    await send(ana, ben, 'hello')
    await delivered(ana, ben)
    expect(await returning(ana.phoneNumber, await refreshed(ana.refreshToken))).toBe(ana.id)
    await refreshed(ben.refreshToken)
    expect(await returning(ben.phoneNumber, ben.refreshToken)).toBe(ben.id)
    const late = { body: { refreshToken: eva.refreshToken } }
    await later(100 * day, () => refused('refreshTokens', 'refresh_token_invalid', late))
    expect(await inMailbox(eva.id, 'SELECT ended_at > 0 AS has_expired FROM sessions')).toEqual([{ has_expired: 1 }])
    expect(await returning(eva.phoneNumber, eva.refreshToken)).toBe(eva.id)
    const { tokens } = await later(182 * day, () => signIn(ana.phoneNumber))
    expect(await later(182 * day, () => textsOf({ ...ana, ...tokens }, ben))).toEqual(['hello'])
  })

  test('does not keep it for a token that is from an ended session or another account, older, or made up', async () => {
    const [ana, ben] = await pair()
    const eva = await newUser()
    await ok('logout', {}, { as: ana })
    expect(await returning(ana.phoneNumber, ana.refreshToken)).not.toBe(ana.id)
    expect(await returning(ben.phoneNumber, eva.refreshToken)).not.toBe(ben.id)
    await refreshed(await refreshed(eva.refreshToken))
    expect(await returning(eva.phoneNumber, eva.refreshToken)).not.toBe(eva.id)
    const zoe = await newUser()
    await later(1, () => configureMailbox(zoe.id, { SESSIONS_NOT_BEFORE: new Date().toISOString() }))
    expect(await returning(zoe.phoneNumber, zoe.refreshToken)).not.toBe(zoe.id)
    const [mia, tom] = await pair()
    expect(await returning(mia.phoneNumber, 'rt_nothing')).not.toBe(mia.id)
    expect(await returning(tom.phoneNumber, `${tom.refreshToken.slice(0, -43)}${'A'.repeat(43)}`)).not.toBe(tom.id)
  })
})
