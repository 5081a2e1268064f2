import { describe, expect, test } from 'vitest'
import type { Files, File as StoredFile } from '../../schemas/file'
import type { Message } from '../../schemas/message'
import { mintId } from '../../src/core/ids'
import { call, ok, refused } from '../support/call'
import { befriend, delivered, list, remove, send } from '../support/chat-calls'
import { inMailbox } from '../support/delivery-faults'
import * as media from '../support/media'
import { countD1 } from '../support/storage-costs'
import { newUser, type TestUser } from '../support/users'

const blurHash = 'LEHV6nWB2yk8pyo0adR*.7kCMdnj'

const upload = (user: TestUser, query = {}) =>
  ok<StoredFile>(
    'uploadFile',
    { raw: media.png({ width: 640, height: 480 }), query: { name: 'view.png', ...query } },
    { as: user },
  )

const infoOf = (user: TestUser, fileId: string) => ok<StoredFile>('getFileInfo', { params: { fileId } }, { as: user })

/** Whether a user can read a file, in either way. */
async function reads(user: TestUser, fileId: string) {
  const [bytes, info] = [
    await call('getFile', { params: { fileId } }, { as: user }),
    await call('getFileInfo', { params: { fileId } }, { as: user }),
  ]
  expect(info.status).toBe(bytes.status)
  return bytes.status === 200
}

const readers = (users: TestUser[], fileId: string) => Promise.all(users.map((user) => reads(user, fileId)))

const bodyOf = (...attachmentFileIds: string[]) => ({ clientMessageId: crypto.randomUUID(), attachmentFileIds })

/** What a refused attempt to attach a file says, but for the id of the request. */
async function refusal(user: TestUser, to: { id: string }, fileId: string) {
  const input = { params: { chatId: to.id }, body: bodyOf(fileId) }
  const { body } = await refused('sendMessage', 'attachment_unusable', input, { as: user })
  return { ...body, requestId: '' }
}

const share = async (from: TestUser, to: TestUser, fileId: string) => {
  const message = await send(from, to, 'look', { attachmentFileIds: [fileId] })
  await delivered(from, to)
  return message
}

const clear = (user: TestUser, peer: { id: string }) => ok('clearChat', { params: { chatId: peer.id } }, { as: user })

const grantsOf = ({ id }: TestUser) => inMailbox(id, 'SELECT file_id FROM grants')

/** Ana's file, which Ben got from her and forwarded to Cleo. */
async function forwarded() {
  const [ana, ben, cleo] = [await newUser(), await newUser(), await newUser()]
  await befriend(ana, ben)
  await befriend(ben, cleo)
  const file = await upload(ana, { blurHash })
  const received = await share(ana, ben, file.id)
  const sent = await share(ben, cleo, file.id)
  return { ana, ben, cleo, file, received, sent, everyone: [ana, ben, cleo] }
}

describe('a forwarded file', () => {
  test('is the same file with the same facts, and takes no storage of the forwarder', async () => {
    const { ana, ben, cleo, file, sent, everyone } = await forwarded()
    expect(await readers(everyone, file.id)).toEqual([true, true, true])
    const { url: _, ...facts } = file
    for (const user of everyone) expect(await infoOf(user, file.id)).toMatchObject(facts)
    const { id: fileId, sha256: _s, createdAt: _c, ...shown } = facts
    const [arrived] = (await list(cleo, ben)).items
    for (const message of [sent, arrived]) expect(message?.attachments).toMatchObject([{ fileId, ...shown }])
    for (const user of [ben, cleo]) {
      const { items, usage } = await ok<Files>('listFiles', {}, { as: user })
      expect([items, usage.bytes]).toEqual([[], 0])
    }
    expect(await refusal(await newUser(), ana, file.id)).toEqual(await refusal(ben, ana, mintId('file', Date.now())))
  })

  test('can be forwarded on, and back to its owner', async () => {
    const { ana, ben, cleo, file } = await forwarded()
    const dan = await newUser()
    const last = await share(cleo, dan, file.id)
    expect(await reads(dan, file.id)).toBe(true)
    await share(ben, ana, file.id)
    await remove(cleo, dan, last, 'everyone')
    await delivered(cleo, dan)
    expect(await readers([ana, ben, cleo, dan], file.id)).toEqual([true, true, true, false])
  })

  test('touches neither D1 nor R2 on its way', async () => {
    const { ana, ben, cleo, file } = await forwarded()
    const FILES = new Proxy({} as R2Bucket, {
      get: () => {
        throw new Error('R2 was used')
      },
    })
    const { statements } = await countD1(async () => {
      for (const to of [cleo, ana])
        await ok('sendMessage', { params: { chatId: to.id }, body: bodyOf(file.id) }, { as: ben, env: { FILES } })
      await delivered(ana, ben, cleo)
    })
    expect(statements).toBe(0)
    expect((await list(cleo, ben)).items.map(({ attachments }) => attachments[0]?.fileId)).toEqual([file.id, file.id])
  })

  test('is uploaded, sent, forwarded, read by whoever may, and taken back by its author without D1', async () => {
    const [ana, ben, cleo] = [await newUser(), await newUser(), await newUser()]
    await befriend(ana, ben)
    await befriend(ben, cleo)
    // Where a chat exists, its messages need D1 no more.
    for (const [from, to] of [
      [ana, ben],
      [ben, cleo],
    ] as const)
      await share(from, to, (await upload(from)).id)
    const { result, statements } = await countD1(async () => {
      const file = await upload(ana)
      const seen = [await readers([ana], file.id)]
      const received = await share(ana, ben, file.id)
      seen.push(await readers([ana, ben], file.id))
      await share(ben, cleo, file.id)
      seen.push(await readers([ana, ben, cleo], file.id))
      await remove(ana, ben, received, 'everyone')
      await delivered(ana, ben)
      seen.push(await readers([ana, ben, cleo], file.id))
      const { url } = await infoOf(cleo, file.id)
      const follow = async () => {
        const query = Object.fromEntries(new URL(url).searchParams)
        return (await call('getFile', { params: { fileId: file.id }, query })).status
      }
      const before = await follow()
      await ok('deleteFile', { params: { fileId: file.id } }, { as: ana })
      return { fileId: file.id, seen: seen.flat(), before, follow }
    })
    expect(statements).toBe(0)
    expect(result.seen).toEqual(Array(9).fill(true))
    // Whoever may not read a file may still be shown it as a profile picture, which D1 knows.
    expect(await readers([ana, ben, cleo], result.fileId)).toEqual([false, false, false])
    expect([result.before, await result.follow()]).toEqual([200, 404])
  })

  test('stays with each reader as long as a message of theirs with it stands', async () => {
    const { ana, ben, cleo, file, received, sent, everyone } = await forwarded()
    await remove(ana, ben, received, 'everyone')
    await delivered(ana, ben)
    expect(await readers(everyone, file.id)).toEqual([true, true, true])
    const second = await share(ben, cleo, file.id)
    await remove(ben, cleo, sent, 'everyone')
    await delivered(ben, cleo)
    expect(await readers(everyone, file.id)).toEqual([true, true, true])
    await remove(ben, cleo, second, 'everyone')
    await delivered(ben, cleo)
    expect(await readers(everyone, file.id)).toEqual([true, false, false])
    for (const user of [ben, cleo]) expect(await grantsOf(user)).toEqual([])
    for (const [user, to] of [
      [ben, cleo],
      [cleo, ben],
    ] as const)
      expect(await refusal(user, to, file.id)).toEqual(await refusal(user, to, mintId('file', Date.now())))
  })

  test('leaves its recipients when the forwarder deletes the message, and stays with the forwarder', async () => {
    const { ben, cleo, file, sent, everyone } = await forwarded()
    await remove(ben, cleo, sent, 'everyone')
    await delivered(ben, cleo)
    expect(await readers(everyone, file.id)).toEqual([true, true, false])
  })

  test.for([
    ['deletes', (ben: TestUser, cleo: TestUser, sent: Message): Promise<unknown> => remove(ben, cleo, sent, 'me')],
    ['clears', (ben: TestUser, cleo: TestUser): Promise<unknown> => clear(ben, cleo)],
  ] as const)('stays with its recipient when the forwarder %s everything for themselves', async ([, leave]) => {
    const { ana, ben, cleo, file, received, sent, everyone } = await forwarded()
    await remove(ben, ana, received, 'me')
    expect(await readers(everyone, file.id)).toEqual([true, true, true])
    await leave(ben, cleo, sent)
    expect(await readers(everyone, file.id)).toEqual([true, false, true])
    await refusal(ben, cleo, file.id)
    await delivered(ben)
    await expect.poll(() => grantsOf(ben)).toEqual([])
  })

  test.for([
    ['hidden', (ben: TestUser, cleo: TestUser, sent: Message): Promise<unknown> => remove(ben, cleo, sent, 'me')],
    ['deleted', (ben: TestUser, cleo: TestUser, sent: Message) => remove(ben, cleo, sent, 'everyone')],
    ['cleared', (ben: TestUser, cleo: TestUser) => clear(ben, cleo)],
  ] as const)('is not readable by a grant that outlives its message, which was %s', async ([, leave]) => {
    const { ana, ben, cleo, file, received, sent } = await forwarded()
    await remove(ben, ana, received, 'me')
    await inMailbox(ben.id, 'CREATE TABLE kept AS SELECT * FROM grants')
    await leave(ben, cleo, sent)
    await expect.poll(() => grantsOf(ben)).toEqual([])
    await inMailbox(ben.id, 'INSERT INTO grants SELECT * FROM kept')
    expect(await grantsOf(ben)).toEqual([{ file_id: file.id }])
    expect(await reads(ben, file.id)).toBe(false)
    await refusal(ben, cleo, file.id)
  })

  test('that was sent after the chat was cleared stays readable once the chat is emptied', async () => {
    const { ana, ben, cleo, file, received } = await forwarded()
    await clear(ben, cleo)
    const note = await send(ben, cleo, 'again', { attachmentFileIds: [file.id] })
    await delivered(ben, cleo)
    await remove(ana, ben, received, 'everyone')
    await delivered(ana, ben)
    await expect.poll(() => grantsOf(ben)).toEqual([{ file_id: file.id }])
    expect(await reads(ben, file.id)).toBe(true)
    await remove(ben, cleo, note, 'everyone')
    await delivered(ben, cleo)
    expect(await readers([ben, cleo], file.id)).toEqual([false, true])
  })

  test.for(['deleteFile', 'deleteMe'])('is gone for everyone after %s by its owner', async (operationId) => {
    const { ana, ben, cleo, file, everyone } = await forwarded()
    const { url } = await infoOf(cleo, file.id)
    if (operationId === 'deleteFile') {
      await share(ben, ana, file.id)
      await ok('deleteFile', { params: { fileId: file.id } }, { as: ana })
      expect(await readers(everyone, file.id)).toEqual([false, false, false])
      await refusal(ana, ben, file.id)
    } else {
      await ok('deleteMe', {}, { as: ana })
      await delivered(ana)
    }
    await expect.poll(() => readers([ben, cleo], file.id)).toEqual([false, false])
    const query = Object.fromEntries(new URL(url).searchParams)
    expect((await call('getFile', { params: { fileId: file.id }, query })).status).toBe(404)
  })

  test('is not deleted by those who received it', async () => {
    const { ana, ben, cleo, file } = await forwarded()
    for (const user of [ben, cleo]) await ok('deleteFile', { params: { fileId: file.id } }, { as: user })
    await ok('deleteMe', {}, { as: ben })
    await delivered(ben)
    expect(await readers([ana, cleo], file.id)).toEqual([true, true])
  })

  test('reaches no one under a block, then or later', async () => {
    const { ana, ben, file } = await forwarded()
    const dan = await newUser()
    await befriend(ben, dan)
    await ok('blockUser', { params: { userId: ben.id } }, { as: dan })
    await share(ben, dan, file.id)
    expect(await readers([ana, ben, dan], file.id)).toEqual([true, true, false])
    await ok('unblockUser', { params: { userId: ben.id } }, { as: dan })
    await send(ben, dan, 'hello')
    await delivered(ben, dan)
    expect((await list(dan, ben)).items.map(({ text }) => text)).toEqual(['hello'])
    expect(await reads(dan, file.id)).toBe(false)
    expect(await grantsOf(dan)).toEqual([])
    await refusal(dan, ben, file.id)
  })

  test.for(['me', 'everyone'] as const)('in a note to self stays until that is deleted for %s', async (scope) => {
    const { ana, ben, cleo, file, received, sent } = await forwarded()
    const note = await send(ben, ben, 'keep', { attachmentFileIds: [file.id] })
    await remove(ana, ben, received, 'everyone')
    await remove(ben, cleo, sent, 'everyone')
    await delivered(ana, ben, cleo)
    expect(await readers([ana, ben, cleo], file.id)).toEqual([true, true, false])
    await remove(ben, ben, note, scope)
    expect(await readers([ana, ben, cleo], file.id)).toEqual([true, false, false])
    await refusal(ben, ben, file.id)
  })
})

describe('forwarding', () => {
  test('again with the same client message id returns the message, also after the right is lost', async () => {
    const { ana, ben, cleo, file, received } = await forwarded()
    const input = { params: { chatId: cleo.id }, body: bodyOf(file.id) }
    const first = await call<Message>('sendMessage', input, { as: ben })
    expect(first.status).toBe(201)
    await delivered(ben, cleo)
    await remove(ana, ben, received, 'everyone')
    await clear(ben, cleo)
    await delivered(ana, ben)
    expect(await reads(ben, file.id)).toBe(false)
    const again = await call<Message>('sendMessage', input, { as: ben })
    expect([again.status, again.body.id]).toEqual([200, first.body.id])
    expect(await reads(ben, file.id)).toBe(false)
    expect((await list(cleo, ben)).items).toHaveLength(2)
  })

  test('of a file that exists nowhere, was not received, or is only a profile picture is refused', async () => {
    const { ana, ben, cleo, file } = await forwarded()
    const [unsent, picture] = [await upload(ana), await upload(ana)]
    await ok('updateMe', { body: { avatarFileId: picture.id } }, { as: ana })
    expect(await reads(ben, picture.id)).toBe(true)
    const before = (await list(ben, cleo)).items
    const expected = await refusal(ben, cleo, mintId('file', Date.now()))
    for (const { id } of [unsent, picture]) expect(await refusal(ben, cleo, id)).toEqual(expected)
    const input = { params: { chatId: cleo.id }, body: bodyOf(file.id, unsent.id) }
    const mixed = await refused('sendMessage', 'attachment_unusable', input, { as: ben })
    expect(mixed.body.errors?.map(({ pointer }) => pointer)).toEqual(['/attachmentFileIds/1'])
    expect((await list(ben, cleo)).items).toEqual(before)
    await refused('updateMe', 'avatar_unusable', { body: { avatarFileId: file.id } }, { as: ben })
  })
})
