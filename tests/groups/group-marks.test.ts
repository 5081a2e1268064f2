import { afterEach, expect, test } from 'vitest'
import type { Chat } from '../../schemas/chat'
import { limits } from '../../src/core/limits'
import { ok } from '../support/call'
import { send } from '../support/chat-calls'
import { addMembers, allChanges, groupOf, type TestGroup } from '../support/group-calls'
import { GroupCopy } from '../support/group-copy'
import type { TestUser } from '../support/users'

/** Read marks are for all to see in small groups alone. */

const { groupMarksShownMax } = limits
afterEach(() => {
  Object.assign(limits, { groupMarksShownMax })
})

async function catchUp(copy: GroupCopy, user: TestUser, group: TestGroup) {
  for (const page of await allChanges(user, group, copy.cursor)) copy.take(page)
}

async function fresh(user: TestUser, group: TestGroup) {
  const copy = new GroupCopy(user.id)
  await catchUp(copy, user, group)
  return copy.shown().members
}

const marksOf = (members: Awaited<ReturnType<typeof fresh>>) =>
  members.map(({ lastReadMessageId }) => lastReadMessageId !== null)

test('a group that becomes small shows them to those who follow it, and no longer once it is large again', async () => {
  Object.assign(limits, { groupMarksShownMax: 2 })
  const { group, users } = await groupOf(3)
  const [ana, ben, carla] = users as [TestUser, TestUser, TestUser]
  const { id: upToMessageId } = await send(ana, group, 'one')
  await ok<Chat>('markChatRead', { params: { chatId: group.id }, body: { upToMessageId } }, { as: ben })
  const copy = new GroupCopy(ana.id)
  await catchUp(copy, ana, group)
  expect(marksOf(copy.shown().members)).toEqual([false, false, false])
  await ok('removeGroupMember', { params: { groupId: group.id, userId: carla.id } }, { as: ana })
  await catchUp(copy, ana, group)
  expect(copy.shown().members).toEqual(await fresh(ana, group))
  expect(marksOf(copy.shown().members)).toContain(true)
  await addMembers(ana, group, [carla])
  await catchUp(copy, ana, group)
  expect(copy.shown().members).toEqual(await fresh(ana, group))
  expect(marksOf(copy.shown().members)).toEqual([false, false, false])
})
