import { runDurableObjectAlarm } from 'cloudflare:test'
import { expect, test } from 'vitest'
import type { Chat } from '../../schemas/chat'
import type { File } from '../../schemas/file'
import type { Message } from '../../schemas/message'
import { limits } from '../../src/core/limits'
import { userLimits } from '../../src/settings/usage-limits'
import { call, ok } from '../support/call'
import { delivered, edit, get, list, pair, send } from '../support/chat-calls'
import { later } from '../support/clock'
import { inMailbox, stubOf } from '../support/delivery-faults'
import { configureMailbox } from '../support/rotation'
import { newUser, type TestUser } from '../support/users'

const { REQUEST_BYTES_PER_DAY } = userLimits.requestsPerDay.settings

const setBudget = (user: TestUser, bytes: number = REQUEST_BYTES_PER_DAY) =>
  configureMailbox(user.id, { REQUEST_BYTES_PER_DAY: bytes })

const isPutOff = async (sender: TestUser) => {
  const [row] = await inMailbox<{ retryAt: number }>(sender.id, 'SELECT retry_at AS retryAt FROM chats')
  return (row?.retryAt ?? 0) > Date.now() + limits.deliveryRoomMs / 2
}

const untilPutOff = (sender: TestUser) => expect.poll(() => isPutOff(sender)).toBe(true)

const texts = async (user: TestUser, peer: TestUser) => (await list(user, peer)).items.map(({ text }) => text).reverse()

const long = (word: string) => word.repeat(limits.textCharactersMax / word.length)

test('what strangers send beyond the budget of a day waits as sent, and arrives in order the next day', async () => {
  const [stranger, owner] = await pair()
  await setBudget(owner)
  const sent = [long('語'), long('文'), long('字'), 'the last'].map((text) => () => send(stranger, owner, text))
  const messages = []
  for (const one of sent) messages.push(await one())
  await untilPutOff(stranger)
  expect(await texts(owner, stranger)).toEqual([long('語'), long('文')])
  expect(await get(stranger, owner, messages[2] as never)).toMatchObject({ status: 'sent', undelivered: false })

  const other = await newUser()
  await send(other, owner, long('別'))
  await untilPutOff(other)
  const friend = await newUser()
  await ok('saveContact', { params: { userId: friend.id }, body: {} }, { as: owner })
  await send(friend, owner, long('友'))
  await delivered(friend)
  expect(await texts(owner, friend)).toEqual([long('友')])

  await later(86_400, async () => {
    const pending = async () => {
      await runDurableObjectAlarm(stubOf(stranger.id))
      return inMailbox(stranger.id, 'SELECT 1 FROM chats WHERE pending_count > 0')
    }
    await expect.poll(pending, { timeout: 10_000 }).toEqual([])
  })
  expect(await texts(owner, stranger)).toEqual([long('語'), long('文'), long('字'), 'the last'])
  expect(await get(stranger, owner, messages[2] as never)).toMatchObject({ status: 'delivered' })
})

test('what waits arrives at once when the chat is accepted', async () => {
  const [stranger, owner] = await pair()
  await setBudget(owner)
  for (const word of ['語', '文', '字']) await send(stranger, owner, long(word))
  await untilPutOff(stranger)
  await ok<Chat>('updateChat', { params: { chatId: stranger.id }, body: { accepted: true } }, { as: owner })
  await expect.poll(() => texts(owner, stranger)).toEqual([long('語'), long('文'), long('字')])
})

test('edits of a request count, and wait', async () => {
  const [stranger, owner] = await pair()
  await setBudget(owner)
  const message = await send(stranger, owner, 'short')
  await delivered(stranger)
  for (const word of ['語', '文']) {
    await edit(stranger, message, long(word))
    await expect.poll(() => texts(owner, stranger)).toEqual([long(word)])
  }
  await edit(stranger, message, long('字'))
  await untilPutOff(stranger)
  expect(await texts(owner, stranger)).toEqual([long('文')])
})

test('the largest first message that there is fits into the smallest budget', async () => {
  const [stranger, owner] = await pair()
  await setBudget(owner, limits.firstMessageBytesMax)
  const widest = '𒀀'
  const profile = {
    firstName: widest.repeat(64),
    lastName: widest.repeat(64),
    about: widest.repeat(500),
    // Twice as many bytes, as JSON within JSON.
    metadata: { a: '"'.repeat(limits.metadataBytesMax / 2 - 4) },
  }
  await ok('updateMe', { body: profile }, { as: stranger })
  const attachmentFileIds: string[] = []
  for (let n = 0; n < limits.attachmentsMax; n++) {
    const query = { name: `${n}${widest.repeat(limits.fileNameCharactersMax - 1)}` }
    const headers = { 'Content-Type': `text/${'x'.repeat(100)}` }
    attachmentFileIds.push((await ok<File>('uploadFile', { raw: 'x', query, headers }, { as: stranger })).id)
  }
  const metadata = { a: 'x'.repeat(limits.metadataBytesMax - '{"a":""}'.length) }
  const text = widest.repeat(limits.textCharactersMax)
  const sent = await send(stranger, owner, text, { attachmentFileIds, metadata })
  expect(sent.metadata).toEqual(metadata)
  await delivered(stranger)
  expect(await texts(owner, stranger)).toEqual([text])
})

test('metadata of a request counts, sent or edited', async () => {
  const [stranger, owner] = await pair()
  await setBudget(owner)
  const metadata = (n: number) => ({ [`${n}`]: 'x'.repeat(4_000) })
  for (const word of ['語', '文']) await send(stranger, owner, long(word))
  const message = await send(stranger, owner, 'short', { metadata: metadata(0) })
  const params = { chatId: stranger.id, messageId: message.id }
  const isThere = async (n: number) =>
    String(n) in Object((await call<Message>('getMessage', { params }, { as: owner })).body.metadata)
  await expect.poll(() => isThere(0)).toBe(true)
  // 131,072 bytes have room for six times 5 kB more.
  let arrived = 1
  for (; arrived < 20 && !(await isPutOff(stranger)); arrived++) {
    const edit = { params: { ...params, chatId: owner.id }, body: { metadata: metadata(arrived) } }
    await ok('editMessage', edit, { as: stranger })
    await expect.poll(async () => (await isPutOff(stranger)) || (await isThere(arrived))).toBe(true)
  }
  expect(arrived).toBeGreaterThan(4)
  expect(arrived).toBeLessThan(9)
})
