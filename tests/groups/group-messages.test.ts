import { describe, expect, test } from 'vitest'
import type { Chat } from '../../schemas/chat'
import type { Message } from '../../schemas/message'
import type { Receipt } from '../../schemas/receipt'
import type { UserReaction } from '../../schemas/user-reaction'
import { ok, refused } from '../support/call'
import { delivered, friends, get, markRead, react, remove, send } from '../support/chat-calls'
import { addMembers, groupOf, type TestGroup } from '../support/group-calls'
import { newUser, type TestUser } from '../support/users'

interface Listed<Item> {
  items: Item[]
  nextCursor: string | null
}

/** All items of a list about a message, page by page. */
async function all<Item>(operation: string, as: TestUser, { chatId, id: messageId }: Message, query: object = {}) {
  const items: Item[] = []
  for (let cursor: string | null | undefined; cursor !== null; ) {
    const input = { params: { chatId, messageId }, query: { ...query, cursor } }
    const page: Listed<Item> = await ok(operation, input, { as })
    items.push(...page.items)
    cursor = page.nextCursor
  }
  return items
}

const byId = (rows: [string, string][]) => rows.toSorted(([a], [b]) => (a < b ? -1 : 1))

describe('the receipts of a message', () => {
  const receipts = async (as: TestUser, message: Message, limit = 50) =>
    (await all<Receipt>('listReceipts', as, message, { limit })).map(({ user, status }) => [user.id, status])

  test('in a one-to-one chat say what its status says, of the other user', async () => {
    const [ana, ben] = await friends()
    await ok('updateMe', { body: { firstName: 'Ben' } }, { as: ben })
    const message = await send(ana, ben, 'hello')
    await delivered(ana, ben)
    expect(await receipts(ana, message)).toEqual([[ben.id, 'delivered']])
    await markRead(ben, ana, message)
    await delivered(ana, ben)
    expect(await all<Receipt>('listReceipts', ana, message)).toMatchObject([
      { user: { id: ben.id, firstName: 'Ben' }, status: 'read' },
    ])
    const params = { chatId: ana.id, messageId: message.id }
    await refused('listReceipts', 'not_the_author', { params }, { as: ben })
    await refused('listReceipts', 'chat_not_found', { params: { ...params, chatId: ben.id } }, { as: await newUser() })
    expect(await receipts(ana, await send(ana, ana, 'a note'))).toEqual([])
  })

  test('in a one-to-one chat do not say what its reader tells nobody', async () => {
    const [ana, ben] = await friends()
    await ok('updateMe', { body: { readMarkAudience: 'nobody' } }, { as: ben })
    const message = await send(ana, ben, 'secret?')
    await delivered(ana, ben)
    await markRead(ben, ana, message)
    await delivered(ana, ben)
    expect(await receipts(ana, message)).toEqual([[ben.id, 'delivered']])
  })

  test('in a group say who has read it, page by page, to its author alone', async () => {
    const { group, users } = await groupOf(4)
    const [ana, ben, carla, dora] = users as [TestUser, TestUser, TestUser, TestUser]
    await ok('updateMe', { body: { readMarkAudience: 'nobody' } }, { as: dora })
    const message = await send(ana, group, 'who is here?')
    const later = await send(ben, group, 'me')
    await markRead(carla, group, message)
    await markRead(dora, group, later)
    const expected = byId([
      [ben.id, 'sent'],
      [carla.id, 'read'],
      [dora.id, 'read'],
    ])
    expect(await receipts(ana, message)).toEqual(expected)
    expect(await receipts(ana, message, 1)).toEqual(expected)
    await refused('listReceipts', 'not_the_author', of(group, message), { as: ben })
    await refused('listReceipts', 'chat_not_found', of(group, message), { as: await newUser() })
    await ok('leaveGroup', { params: { groupId: group.id } }, { as: carla })
    await refused('listReceipts', 'chat_not_found', of(group, message), { as: carla })
    expect(await receipts(ana, message)).toEqual(expected.filter(([id]) => id !== carla.id))
  })

  test('in a group are of those who were members when it was sent', async () => {
    for (const historyVisible of ['all', 'joining']) {
      const { group, users } = await groupOf(2, { settings: { historyVisible } })
      const [ana, ben] = users as [TestUser, TestUser]
      const message = await send(ana, group, 'before')
      const carla = await newUser()
      await addMembers(ana, group, [carla])
      const after = await send(ana, group, 'after')
      expect(await receipts(ana, message)).toEqual([[ben.id, 'sent']])
      expect(await receipts(ana, after)).toEqual(
        byId([
          [ben.id, 'sent'],
          [carla.id, 'sent'],
        ]),
      )
    }
  })

  test('in a group of more than 32 are there too, and not of what the author has hidden, or of events', async () => {
    const { group, users } = await groupOf(33)
    const [ana, ben] = users as [TestUser, TestUser]
    const dora = await newUser()
    await addMembers(ana, group, [dora])
    const message = await send(ana, group, 'to many')
    expect((await markRead(ben, group, message)).readUpToMessageId).toBeNull()
    const found = await receipts(ana, message)
    expect(found).toHaveLength(33)
    expect(found.filter(([, status]) => status === 'read')).toEqual([[ben.id, 'read']])
    const { lastMessage: event } = (
      await ok<{ chat: Chat }>('createGroup', { body: { clientGroupId: 'event', title: 'New' } }, { as: ana })
    ).chat
    expect(event?.senderId).toBe(ana.id)
    if (event) await refused('listReceipts', 'message_not_found', of({ id: event.chatId }, event), { as: ana })
    await remove(ana, group, message)
    await refused('listReceipts', 'message_not_found', of(group, message), { as: ana })
  })
})

describe('the reactions to a message', () => {
  const reactions = async (as: TestUser, message: Message, query: object = {}) =>
    (await all<UserReaction>('listReactions', as, message, query)).map(({ user, emoji }) => [user.id, emoji])

  test('in a one-to-one chat are those of both, in their order', async () => {
    const [ana, ben] = await friends()
    await ok('updateMe', { body: { firstName: 'Ben' } }, { as: ben })
    const message = await send(ana, ben, 'fun')
    await delivered(ana, ben)
    await react(ben, ana, message, '😂')
    await delivered(ana, ben)
    await react(ana, ben, message, '👍')
    await react(ana, ben, message, '😂')
    await delivered(ana, ben)
    const expected = [
      [ben.id, '😂'],
      [ana.id, '👍'],
      [ana.id, '😂'],
    ]
    expect(await reactions(ana, message)).toEqual(expected)
    expect(await reactions(ben, { ...message, chatId: ana.id }, { limit: 1 })).toEqual(expected)
    expect(await reactions(ana, message, { emoji: '😂', limit: 1 })).toEqual([expected[0], expected[2]])
    expect((await all<UserReaction>('listReactions', ana, message))[0]?.user.firstName).toBe('Ben')
    await refused(
      'listReactions',
      'message_not_found',
      { params: { chatId: ben.id, messageId: noMessage } },
      { as: ana },
    )
    await refused('listReactions', 'chat_not_found', of(ben, message), { as: await newUser() })
    await ok('deleteMe', {}, { as: ben })
    await delivered(ben, ana)
    expect((await all<UserReaction>('listReactions', ana, message))[0]).toMatchObject({
      user: { id: ben.id, firstName: null },
      emoji: '😂',
    })
  })

  test('in a group name all who reacted, also beyond those that the message names', async () => {
    const { group, users } = await groupOf(30)
    const [ana, ben] = users as [TestUser, TestUser]
    const message = await send(ana, group, 'fun')
    const expected: [string, string][] = []
    for (const [n, user] of users.toReversed().entries()) {
      const emoji = n % 5 === 4 ? '👍' : '😂'
      await react(user, group, message, emoji)
      expected.push([user.id, emoji])
    }
    const named = (await get(ana, group, message)).reactions.find(({ emoji }) => emoji === '😂')
    expect([named?.count, named?.userIds.length]).toEqual([24, 20])
    expect(await reactions(ana, message)).toEqual(expected)
    expect(await reactions(ana, message, { limit: 4 })).toEqual(expected)
    const laughing = expected.filter(([, emoji]) => emoji === '😂')
    expect(await reactions(ben, message, { emoji: '😂', limit: 7 })).toEqual(laughing)
    expect(await reactions(ben, message, { emoji: '🔥' })).toEqual([])
    const [first] = laughing
    const last = users.at(-1)
    if (!last || first?.[0] !== last.id) throw new Error('The last of the users reacted first')
    await ok('leaveGroup', { params: { groupId: group.id } }, { as: last })
    expect((await reactions(ana, message))[0]).toEqual(first)
    await refused('listReactions', 'chat_not_found', of(group, message), { as: last })
  })

  test('in a group are of no message that the member does not see', async () => {
    const { group, users } = await groupOf(2, { settings: { historyVisible: 'joining' } })
    const [ana, ben] = users as [TestUser, TestUser]
    const message = await send(ana, group, 'before')
    await react(ana, group, message, '👍')
    const carla = await newUser()
    await addMembers(ana, group, [carla])
    await refused('listReactions', 'message_not_found', of(group, message), { as: carla })
    await remove(ben, group, message)
    await refused('listReactions', 'message_not_found', of(group, message), { as: ben })
    await remove(ana, group, message, 'everyone')
    expect(await reactions(ana, message)).toEqual([])
  })
})

const noMessage = 'msg_00000000000000000000000000'

const of = ({ id: chatId }: TestGroup, { id: messageId }: Message) => ({ params: { chatId, messageId } })
