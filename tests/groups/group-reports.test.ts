import { env } from 'cloudflare:workers'
import { expect, test } from 'vitest'
import type { File } from '../../schemas/file'
import type { Report } from '../../schemas/report'
import { ok, refused } from '../support/call'
import { edit, remove, send } from '../support/chat-calls'
import { interceptCalls } from '../support/delivery-faults'
import { addMembers, groupOf, type TestGroup } from '../support/group-calls'
import { newUser, type TestUser } from '../support/users'

const about = (user: TestUser, { id: chatId }: TestGroup, messages: { id: string }[]) => ({
  params: { userId: user.id },
  body: { reason: 'harassment', chatId, messageIds: messages.map(({ id }) => id) },
})

const copiesOf = async ({ id }: Report) =>
  (
    await env.DB.prepare('SELECT * FROM reported_messages WHERE report_id = ? ORDER BY message_id')
      .bind(id)
      .all<{ message_id: string; text: string; file_ids: string; by_reporter: number; metadata: string | null }>()
  ).results

test('messages of a group are reported as their reader sees them', async () => {
  const { group, users } = await groupOf(2)
  const [ana, ben] = users as [TestUser, TestUser]
  const raw = { raw: 'bytes', query: { name: 'a.txt' }, headers: { 'Content-Type': 'text/plain' } }
  const file = await ok<File>('uploadFile', raw, { as: ben })
  const first = await send(ben, group, 'rude', { attachmentFileIds: [file.id], metadata: { tone: 'loud' } })
  const second = await send(ben, group, 'ruder')
  await edit(ben, second, 'rudest')
  const report = await ok<Report>('reportUser', about(ben, group, [first, second]), { as: ana })
  expect(report).toMatchObject({ userId: ben.id, messageIds: [first.id, second.id] })
  await remove(ben, group, first, 'everyone')
  expect(await copiesOf(report)).toMatchObject([
    { text: 'rude', file_ids: JSON.stringify([file.id]), metadata: '{"tone":"loud"}', by_reporter: 0 },
    { text: 'rudest', file_ids: '[]', metadata: null, by_reporter: 0 },
  ])
})

test('what a user did not write, or what the reporter does not see, is no evidence', async () => {
  const { group, users } = await groupOf(2, { settings: { historyVisible: 'joining' } })
  const [ana, ben] = users as [TestUser, TestUser]
  const before = await send(ben, group, 'before carla')
  const carla = await newUser()
  await addMembers(ana, group, [carla])
  const own = await send(carla, group, 'by carla')
  const others = await send(ana, group, 'by ana')
  const hidden = await send(ben, group, 'hidden')
  const seen = await send(ben, group, 'seen')
  await remove(carla, group, hidden, 'me')
  for (const message of [before, own, others, hidden]) {
    const { body } = await refused('reportUser', 'message_not_found', about(ben, group, [seen, message]), { as: carla })
    expect(body.errors?.[0]?.pointer).toBe('/messageIds/1')
  }
  await ok('reportUser', about(ben, group, [seen]), { as: carla })
  // In the chat with the user there is no such message.
  const { params, body } = about(ben, group, [seen])
  const { chatId: _, ...withoutChat } = body
  await refused('reportUser', 'message_not_found', { params, body: withoutChat }, { as: carla })
})

test('a group that the reporter is not in does not exist for a report', async () => {
  const { group, users } = await groupOf(2)
  const [ana, ben] = users as [TestUser, TestUser]
  const message = await send(ana, group, 'among us')
  await ok('leaveGroup', { params: { groupId: group.id } }, { as: ben })
  for (const as of [ben, await newUser()])
    for (const messages of [[message], []])
      await refused('reportUser', 'chat_not_found', about(ana, group, messages), { as })
  const { results } = await env.DB.prepare('SELECT 1 FROM reports WHERE reported_id = ?').bind(ana.id).all()
  expect(results).toEqual([])
})

test('a report waits for nobody: a group that does not answer makes it fail', async () => {
  const { group, users } = await groupOf(2)
  const [ana, ben] = users as [TestUser, TestUser]
  const message = await send(ben, group, 'rude')
  const stop = interceptCalls(({ userId, make }) => (userId === group.id ? Promise.reject(new Error('down')) : make()))
  await refused('reportUser', 'service_unavailable', about(ben, group, [message]), { as: ana })
  stop()
  await ok('reportUser', about(ben, group, [message]), { as: ana })
})
