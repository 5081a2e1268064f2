import { describe, expect, test } from 'vitest'
import type { Chat } from '../../schemas/chat'
import type { Message } from '../../schemas/message'
import type { Receipt } from '../../schemas/receipt'
import { ok, refused } from '../support/call'
import { delivered, friends, markRead, remove, send } from '../support/chat-calls'
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

const of = ({ id: chatId }: TestGroup, { id: messageId }: Message) => ({ params: { chatId, messageId } })
