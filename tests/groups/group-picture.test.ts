import { runDurableObjectAlarm, runInDurableObject } from 'cloudflare:test'
import { env } from 'cloudflare:workers'
import { expect, test } from 'vitest'
import type { Group } from '../../objects/group'
import type { Chat } from '../../schemas/chat'
import type { File as StoredFile } from '../../schemas/file'
import { call, send as fetchApi, ok, type Refusal, refused } from '../support/call'
import { chat, delivered, list } from '../support/chat-calls'
import { later } from '../support/clock'
import { createGroup, groupOf, type TestGroup, untilErased } from '../support/group-calls'
import * as media from '../support/media'
import { newUser, type TestUser } from '../support/users'

const upload = async (as: TestUser, bytes: Uint8Array) =>
  (await ok<StoredFile>('uploadFile', { raw: bytes, query: { name: 'us' } }, { as })).id

const photo = (width = 40) => media.jpeg({ width, metadata: true })

const change = ({ id: groupId }: TestGroup, body: object) => ({ params: { groupId }, body })

const show = async (as: TestUser, group: TestGroup, avatarFileId: string | null) =>
  (await ok<Chat>('updateGroup', change(group, { avatarFileId }), { as })).group

const follow = (url: string | null | undefined) => fetchApi<Refusal>(new Request(url ?? ''))

const bytesOf = async ({ response }: { response: Response }) => Buffer.from(await response.arrayBuffer())

const isStored = async (fileId: string | null | undefined) => (await env.FILES.head(fileId ?? '')) !== null

const stubOf = ({ id }: TestGroup) => env.GROUP.get(env.GROUP.idFromName(id))

const ring = (group: TestGroup, seconds = 31) => later(seconds, () => runDurableObjectAlarm(stubOf(group)))

const updates = async (as: TestUser, group: TestGroup) =>
  (await list(as, group)).items.filter(({ event }) => event?.type === 'groupUpdated').length

test('a picture is shown to members, without its metadata, while they are members', async () => {
  const { group, users } = await groupOf(2)
  const [ana, ben] = users as [TestUser, TestUser]
  expect((await chat(ben, group)).group).toMatchObject({ avatarFileId: null, avatarUrl: null })
  const source = await upload(ana, photo())
  const shown = await show(ana, group, source)
  expect(shown?.avatarFileId).not.toBe(source)
  const { avatarFileId, avatarUrl } = (await chat(ben, group)).group ?? {}
  expect(avatarFileId).toBe(shown?.avatarFileId)
  expect(await updates(ben, group)).toBe(1)
  const seen = await follow(avatarUrl)
  expect(seen.status).toBe(200)
  const bytes = await bytesOf(seen)
  expect(bytes.includes(media.secret)).toBe(false)
  expect(bytes).toEqual(media.jpeg({ width: 40 }))
  const read = { params: { fileId: avatarFileId ?? '' }, query: { chatId: group.id } }
  expect(await bytesOf(await call('getFile', read, { as: ben }))).toEqual(bytes)
  expect(await ok('getFileInfo', read, { as: ben })).toMatchObject({ contentType: 'image/jpeg', width: 40, height: 30 })
  await refused('getFile', 'file_not_found', read, { as: await newUser() })
  await refused('getFile', 'file_not_found', { params: read.params }, { as: ben })
  await ok('removeGroupMember', { params: { groupId: group.id, userId: ben.id } }, { as: ana })
  expect((await follow(avatarUrl)).status).toBe(404)
  await refused('getFile', 'file_not_found', read, { as: ben })
})

test('a picture stays when its uploader deletes the file, leaves, and deletes the account', async () => {
  const { group, users } = await groupOf(2)
  const [ana, ben] = users as [TestUser, TestUser]
  const source = await upload(ana, photo())
  const shown = await show(ana, group, source)
  expect((await call('deleteFile', { params: { fileId: source } }, { as: ana })).status).toBe(204)
  await ok('leaveGroup', { params: { groupId: group.id } }, { as: ana })
  await ok('deleteMe', {}, { as: ana })
  await delivered(ana)
  await ring(group)
  const { avatarFileId, avatarUrl } = (await chat(ben, group)).group ?? {}
  expect(avatarFileId).toBe(shown?.avatarFileId)
  expect(await bytesOf(await follow(avatarUrl))).toEqual(media.jpeg())
  expect(await isStored(source)).toBe(false)
})

test('a picture is deleted when it is replaced or cleared, or when nobody is left, and not when it is named again', async () => {
  const { group, users } = await groupOf(1)
  const [ana] = users as [TestUser]
  const source = await upload(ana, photo())
  const first = await show(ana, group, source)
  expect((await show(ana, group, source))?.avatarFileId).toBe(first?.avatarFileId)
  await ring(group)
  expect([await updates(ana, group), await isStored(first?.avatarFileId)]).toEqual([1, true])
  const second = await show(ana, group, await upload(ana, photo(50)))
  await ring(group)
  expect([await isStored(first?.avatarFileId), await isStored(second?.avatarFileId)]).toEqual([false, true])
  expect(await bytesOf(await follow(second?.avatarUrl))).toEqual(media.jpeg({ width: 50 }))
  expect((await show(ana, group, null))?.avatarUrl).toBeNull()
  await ring(group)
  expect([await updates(ana, group), await isStored(second?.avatarFileId)]).toEqual([3, false])
  const last = await show(ana, group, source)
  await ok('updateGroup', change(group, { title: 'Still with a picture' }), { as: ana })
  await ring(group)
  expect(await isStored(last?.avatarFileId)).toBe(true)
  await ok('leaveGroup', { params: { groupId: group.id } }, { as: ana })
  await untilErased(group)
  expect(await isStored(last?.avatarFileId)).toBe(false)
})

test('only a picture of one’s own can be shown, by those who may, and what is refused changes nothing', async () => {
  const { group, users } = await groupOf(2)
  const [ana, ben] = users as [TestUser, TestUser]
  const [theirs, text] = [await upload(ben, photo()), await upload(ana, Buffer.from('some text'))]
  const broken = await upload(ana, photo().subarray(0, 60))
  for (const avatarFileId of [theirs, text, broken, 'fil_00000000000000000000000000']) {
    await refused('updateGroup', 'avatar_unusable', change(group, { avatarFileId, title: 'New' }), { as: ana })
    const draft = { clientGroupId: 'refused', title: 'Refused', avatarFileId }
    await refused('createGroup', 'avatar_unusable', { body: draft }, { as: ana })
  }
  const expected = () =>
    runInDurableObject(stubOf(group), (_, { storage }) => storage.sql.exec('SELECT file_id FROM pictures').toArray())
  const before = await expected()
  await refused('updateGroup', 'not_allowed_in_group', change(group, { avatarFileId: theirs }), { as: ben })
  expect(await expected()).toEqual(before)
  const stranger = await newUser()
  const own = await upload(stranger, photo())
  await refused('updateGroup', 'chat_not_found', change(group, { avatarFileId: own }), { as: stranger })
  expect((await chat(ana, group)).group).toMatchObject({ title: 'Lighthouse keepers', avatarFileId: null })
  const { items } = await ok<{ items: Chat[] }>('listChats', {}, { as: ana })
  expect(items.map(({ id }) => id)).toEqual([group.id])
  await ok('updateGroup', change(group, { settings: { editBy: 'members' } }), { as: ana })
  expect((await show(ben, group, theirs))?.avatarFileId).toMatch(/^fil_/)
})

test('a group is created with its picture, and again with the same', async () => {
  const ana = await newUser()
  const avatarFileId = await upload(ana, photo())
  const more = { clientGroupId: crypto.randomUUID(), avatarFileId }
  const first = await createGroup(ana, [], more)
  expect(await bytesOf(await follow(first.chat.group?.avatarUrl))).toEqual(media.jpeg())
  const again = await createGroup(ana, [], more)
  expect(again.chat.group?.avatarFileId).toBe(first.chat.group?.avatarFileId)
  const replaced = await show(ana, first.chat, await upload(ana, photo(50)))
  expect((await createGroup(ana, [], more)).chat.group?.avatarFileId).toBe(replaced?.avatarFileId)
})

test('a copy that is never shown is removed, and comes too late afterward', async () => {
  const { group, users } = await groupOf(1)
  const [ana] = users as [TestUser]
  const [fileId, sourceId] = ['fil_01KAT5P2C3N8W5R7Y1Z4M6D9TQ', 'fil_01KAT5P2C3N8W5R7Y1Z4M6D9TR']
  const inGroup = <T>(work: (one: Group) => T) =>
    runInDurableObject(stubOf(group), (one) => work(one as unknown as Group))
  expect(await inGroup((one) => one.expectPicture(ana.id, { fileId, sourceId }))).toMatchObject({ ok: true })
  await env.FILES.put(fileId, 'a copy')
  await ring(group, 590)
  expect(await isStored(fileId)).toBe(true)
  const file = { fileId, name: 'us', contentType: 'image/jpeg', size: 6, sha256: '', createdAt: 0 }
  const late = await later(601, () => inGroup((one) => one.update(ana.id, { picture: { file, sourceId } })))
  expect(late).toMatchObject({ ok: false, code: 'service_unavailable' })
  await ring(group, 601)
  expect(await isStored(fileId)).toBe(false)
  expect((await chat(ana, group)).group?.avatarFileId).toBeNull()
})

test('the picture of a group that its owner ends is deleted before anything is forgotten', async () => {
  const { group, users } = await groupOf(2)
  const [ana] = users as [TestUser]
  const shown = await show(ana, group, await upload(ana, photo()))
  await ok('endGroup', { params: { groupId: group.id } }, { as: ana })
  await untilErased(group)
  expect(await isStored(shown?.avatarFileId)).toBe(false)
})
