import { runInDurableObject } from 'cloudflare:test'
import { env } from 'cloudflare:workers'
import { expect, test, vi } from 'vitest'
import type { Message, Messages } from '../../schemas/message'
import { call, ok, refused } from '../support/call'
import { edit, get, list, remove, send } from '../support/chat-calls'
import { addMembers, allChanges, changesOf, groupOf, type TestGroup } from '../support/group-calls'
import { newUser, type TestUser } from '../support/users'

const at = ({ id: groupId }: TestGroup, { id: messageId }: { id: string }) => ({ params: { groupId, messageId } })

const pin = (as: TestUser, group: TestGroup, message: { id: string }) =>
  ok<Message>('pinMessage', at(group, message), { as })
const unpin = (as: TestUser, group: TestGroup, message: { id: string }) =>
  call('unpinMessage', at(group, message), { as })

/** The texts of the pinned messages that a user sees, page by page. */
async function pinsOf(as: TestUser, { id: groupId }: TestGroup, limit = 50) {
  const texts: string[] = []
  for (let cursor: string | null | undefined; cursor !== null; ) {
    const page: Messages = await ok<Messages>('listPins', { params: { groupId }, query: { limit, cursor } }, { as })
    texts.push(...page.items.map(({ text, pinnedAt }) => `${text}${pinnedAt === null ? ' (not pinned)' : ''}`))
    cursor = page.nextCursor
  }
  return texts
}

test('messages are pinned and unpinned by admins, the last first, and an event tells of it', async () => {
  const { group, users } = await groupOf(2)
  const [ana, ben] = users as [TestUser, TestUser]
  const [one, two, three] = [await send(ana, group, '1'), await send(ben, group, '2'), await send(ana, group, '3')]
  await refused('pinMessage', 'not_allowed_in_group', at(group, one), { as: ben })
  expect(one.pinnedAt).toBeNull()
  expect((await pin(ana, group, two)).pinnedAt).not.toBeNull()
  await pin(ana, group, one)
  await pin(ana, group, three)
  const again = await pin(ana, group, two)
  expect(await get(ben, group, two)).toMatchObject({ pinnedAt: again.pinnedAt, editedAt: null })
  for (const user of [ana, ben]) {
    expect(await pinsOf(user, group)).toEqual(['3', '1', '2'])
    expect(await pinsOf(user, group, 1)).toEqual(['3', '1', '2'])
  }
  const events = (await list(ben, group)).items.flatMap(({ event }) => event ?? [])
  expect(events.filter(({ type }) => type === 'messagePinned').map(({ messageId }) => messageId)).toEqual([
    three.id,
    one.id,
    two.id,
  ])
  await refused('unpinMessage', 'not_allowed_in_group', at(group, one), { as: ben })
  expect([(await unpin(ana, group, one)).status, (await unpin(ana, group, one)).status]).toEqual([204, 204])
  expect(await pinsOf(ben, group)).toEqual(['3', '2'])
  expect((await get(ben, group, one)).pinnedAt).toBeNull()
})

test('a pin is a change of its message: it reaches every device by its cursor', async () => {
  const { group, users } = await groupOf(2)
  const [ana, ben] = users as [TestUser, TestUser]
  const message = await send(ana, group, 'old')
  const start = await changesOf(ben, group)
  const changed = async (cursor: string) => {
    const pages = await allChanges(ben, group, cursor)
    const found = pages.flatMap(({ messages }) => messages).find(({ id }) => id === message.id)
    return { pinned: found && found.pinnedAt !== null, cursor: pages.at(-1)?.cursor ?? '' }
  }
  await pin(ana, group, message)
  const first = await changed(start.cursor)
  expect(first.pinned).toBe(true)
  await edit(ana, message, 'new')
  expect(await pinsOf(ben, group)).toEqual(['new'])
  expect((await changed(first.cursor)).pinned).toBe(true)
  const before = (await changed(first.cursor)).cursor
  await unpin(ana, group, message)
  expect((await changed(before)).pinned).toBe(false)
})

test('a message that is deleted for everyone is unpinned', async () => {
  const { group, users } = await groupOf(2)
  const [ana, ben] = users as [TestUser, TestUser]
  const message = await send(ben, group, 'rude')
  await pin(ana, group, message)
  await remove(ben, group, message, 'everyone')
  expect(await pinsOf(ana, group)).toEqual([])
  expect((await get(ana, group, message)).pinnedAt).toBeNull()
  await refused('pinMessage', 'message_deleted', at(group, message), { as: ana })
})

test('nobody sees that a message is pinned that they do not see', async () => {
  const { group, users } = await groupOf(3, { settings: { historyVisible: 'joining' } })
  const [ana, ben, carla] = users as [TestUser, TestUser, TestUser]
  const [hidden, early] = [await send(ana, group, 'hidden'), await send(ana, group, 'early')]
  await pin(ana, group, hidden)
  await pin(ana, group, early)
  const dora = await newUser()
  await addMembers(ana, group, [dora])
  await pin(ana, group, await send(ana, group, 'late'))
  await remove(ben, group, hidden)
  expect(await pinsOf(ana, group)).toEqual(['late', 'early', 'hidden'])
  expect(await pinsOf(ben, group)).toEqual(['late', 'early'])
  expect(await pinsOf(dora, group)).toEqual(['late'])
  await ok('clearChat', { params: { chatId: group.id } }, { as: carla })
  expect(await pinsOf(carla, group)).toEqual([])
  await ok(
    'updateGroupMember',
    { params: { groupId: group.id, userId: dora.id }, body: { role: 'admin' } },
    { as: ana },
  )
  await refused('pinMessage', 'message_not_found', at(group, hidden), { as: dora })
  await unpin(ana, group, early)
  await refused('unpinMessage', 'message_not_found', at(group, early), { as: dora })
  const stranger = await newUser()
  await ok('leaveGroup', { params: { groupId: group.id } }, { as: ben })
  for (const as of [stranger, ben]) {
    await refused('listPins', 'chat_not_found', { params: { groupId: group.id } }, { as })
    await refused('pinMessage', 'chat_not_found', at(group, hidden), { as })
    await refused('unpinMessage', 'chat_not_found', at(group, hidden), { as })
  }
})

test('events are not pinned, and no more than 50 messages, in the order of the pins even if the clock goes back', async () => {
  const { group, users } = await groupOf(1)
  const [ana] = users as [TestUser]
  const [event] = (await list(ana, group)).items
  if (!event) throw new Error('The group was created')
  await refused('pinMessage', 'message_not_found', at(group, event), { as: ana })
  const messages: Message[] = []
  for (let n = 0; n < 51; n++) messages.push(await send(ana, group, `${n}`))
  const [first, second, ...others] = messages
  const last = others.pop()
  if (!first || !second || !last) throw new Error('51 messages were sent')
  await pin(ana, group, first)
  vi.useFakeTimers({ toFake: ['Date'], now: Date.now() - 900 })
  await pin(ana, group, second)
  vi.useRealTimers()
  expect(await pinsOf(ana, group)).toEqual(['1', '0'])
  for (const message of others) await pin(ana, group, message)
  await refused('pinMessage', 'pins_full', at(group, last), { as: ana })
  expect((await get(ana, group, last)).pinnedAt).toBeNull()
  await unpin(ana, group, first)
  await pin(ana, group, last)
  expect(await pinsOf(ana, group, 7)).toHaveLength(50)
  const plan = await runInDurableObject(env.GROUP.getByName(group.id), (_, { storage }) =>
    storage.sql.exec('SELECT count(*) AS count FROM messages WHERE pinned_at IS NOT NULL').one(),
  )
  expect(plan).toEqual({ count: 50 })
})
