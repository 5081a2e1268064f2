import { describe, expect, test, vi } from 'vitest'
import { StorageSize } from '../../objects/durable/storage-size'
import type { Changes } from '../../schemas/changes'
import type { Chat, Chats, UnreadCount } from '../../schemas/chat'
import type { Message } from '../../schemas/message'
import { call, ok, refused } from '../support/call'
import { chat, delivered, edit, friends, get, list, markRead, react, remove, send } from '../support/chat-calls'
import {
  addMembers,
  allChanges,
  changesOf,
  createGroup,
  fillGroup,
  fillWithGroups,
  groupOf,
  type TestGroup,
  textsOf,
} from '../support/group-calls'
import { configureMailbox } from '../support/rotation'
import { newUser, type TestUser } from '../support/users'

const body = (clientGroupId: string, title = 'Keepers', memberIds: string[] = []) => ({
  body: { clientGroupId, title, memberIds },
})

const listChats = (as: TestUser) => ok<Chats>('listChats', {}, { as })
const saved = (as: TestUser, { id: userId }: TestUser) => ok('saveContact', { params: { userId }, body: {} }, { as })
const events = (messages: Message[]) => messages.flatMap(({ event }) => event?.type ?? [])
const membersOf = async (as: TestUser, { id: groupId }: TestGroup, left = false) => {
  const page = await ok<{ items: { user: { id: string }; role: string; left: boolean }[] }>(
    'listGroupMembers',
    { params: { groupId }, query: { left } },
    { as },
  )
  return page.items.map(({ user, role }) => [user.id, role]).sort()
}

describe('a group', () => {
  test('is created once per client id, with its members', async () => {
    const [ana, ben] = await friends()
    const id = crypto.randomUUID()
    const input = body(id, 'Keepers', [ben.id])
    const first = await ok<{ chat: Chat; added: string[] }>('createGroup', input, { as: ana })
    const again = await ok<{ chat: Chat; added: string[] }>('createGroup', input, { as: ana })
    expect(again.chat.id).toBe(first.chat.id)
    expect(first.added).toEqual([ben.id])
    expect(first.chat).toMatchObject({ kind: 'group', group: { title: 'Keepers', role: 'owner', memberCount: 2 } })
    await refused('createGroup', 'client_group_id_reused', body(id, 'Others', [ben.id]), { as: ana })
    expect((await listChats(ana)).items.map((one) => one.id)).toEqual([first.chat.id])
    expect((await listChats(ben)).items.map((one) => one.id)).toEqual([first.chat.id])
  })

  test('tells all members what is written, in one order, with who wrote it', async () => {
    const { group, users } = await groupOf(3)
    const [ana, ben, carla] = users as [TestUser, TestUser, TestUser]
    await send(ana, group, 'one')
    await send(ben, group, 'two')
    await send(carla, group, 'three')
    for (const user of users) {
      const { items } = await list(user, group)
      expect(textsOf(items)).toEqual(['three', 'two', 'one'])
      expect(items.map(({ senderId }) => senderId).slice(0, 3)).toEqual([carla.id, ben.id, ana.id])
      expect(events(items)).toEqual(['membersAdded', 'groupCreated'])
      const own = items.find(({ senderId, event }) => senderId === user.id && event === null)
      expect(own).toMatchObject({ status: 'sent', clientMessageId: expect.any(String) })
      expect(items.filter(({ clientMessageId }) => clientMessageId !== null)).toHaveLength(1)
    }
  })

  test('returns a message that is sent again, and refuses its id for another', async () => {
    const { group, users } = await groupOf(2)
    const [ana, ben] = users as [TestUser, TestUser]
    const clientMessageId = crypto.randomUUID()
    const input = (text: string) => ({ params: { chatId: group.id }, body: { clientMessageId, text } })
    const first = await call<Message>('sendMessage', input('once'), { as: ana })
    const again = await call<Message>('sendMessage', input('once'), { as: ana })
    expect([first.status, again.status]).toEqual([201, 200])
    expect(again.body.id).toBe(first.body.id)
    await refused('sendMessage', 'client_message_id_reused', input('twice'), { as: ana })
    expect((await call('sendMessage', input('mine'), { as: ben })).status).toBe(201)
    expect(textsOf((await list(ana, group)).items)).toEqual(['mine', 'once'])
  })

  test('does not exist for strangers and for former members', async () => {
    const { group, users } = await groupOf(2)
    const [ana, ben] = users as [TestUser, TestUser]
    const stranger = await newUser()
    const message = await send(ana, group, 'among us')
    await ok('leaveGroup', { params: { groupId: group.id } }, { as: ben })
    const params = { groupId: group.id, chatId: group.id, messageId: message.id, userId: ana.id, emoji: '👍' }
    for (const as of [stranger, ben]) {
      for (const operation of [
        'getGroup',
        'getChat',
        'listGroupMembers',
        'listGroupChanges',
        'listMessages',
        'getMessage',
        'leaveGroup',
        'clearChat',
        'deleteMessage',
        'addReaction',
        'removeReaction',
        'removeGroupMember',
      ])
        await refused(operation, 'chat_not_found', { params }, { as })
      await refused('sendMessage', 'chat_not_found', { params, body: { clientMessageId: 'x', text: 'hi' } }, { as })
      await refused('editMessage', 'chat_not_found', { params, body: { text: 'hi' } }, { as })
      await refused('markChatRead', 'chat_not_found', { params, body: { upToMessageId: message.id } }, { as })
      await refused('updateChat', 'chat_not_found', { params, body: { pinned: true } }, { as })
      await refused('updateGroup', 'chat_not_found', { params, body: { title: 'Mine' } }, { as })
      await refused('addGroupMembers', 'chat_not_found', { params, body: { userIds: [stranger.id] } }, { as })
      await refused('updateGroupMember', 'chat_not_found', { params, body: { role: 'admin' } }, { as })
    }
    await refused('getGroup', 'chat_not_found', { params: { groupId: 'grp_00000000000000000000000000' } }, { as: ana })
  })
})

describe('messages of a group', () => {
  test('are edited, deleted and quoted like any other', async () => {
    const { group, users } = await groupOf(2)
    const [ana, ben] = users as [TestUser, TestUser]
    const message = await send(ana, group, 'first')
    await send(ben, group, 'answer', { replyToId: message.id })
    await edit(ana, message, 'second')
    expect(await get(ben, group, message)).toMatchObject({ text: 'second', editedAt: expect.any(String) })
    await refused(
      'editMessage',
      'not_the_author',
      { params: { chatId: group.id, messageId: message.id }, body: { text: 'x' } },
      { as: ben },
    )
    expect((await remove(ana, group, message, 'everyone')).status).toBe(204)
    const { items } = await list(ben, group)
    expect(items[0]).toMatchObject({ text: 'answer', replyTo: { id: message.id, text: '' } })
    expect(items[1]).toMatchObject({ text: '', deletedAt: expect.any(String) })
  })

  test('are deleted by admins for everyone, and by anybody for themselves', async () => {
    const { group, users } = await groupOf(3)
    const [ana, ben, carla] = users as [TestUser, TestUser, TestUser]
    const message = await send(ben, group, 'rude')
    expect((await remove(carla, group, message, 'everyone')).status).toBe(403)
    expect((await remove(carla, group, message)).status).toBe(204)
    expect(textsOf((await list(carla, group)).items)).toEqual([])
    expect(textsOf((await list(ben, group)).items)).toEqual(['rude'])
    expect((await remove(ana, group, message, 'everyone')).status).toBe(204)
    expect(textsOf((await list(ben, group)).items)).toEqual([''])
  })

  test('count reactions, and say which are one’s own', async () => {
    const { group, users } = await groupOf(3)
    const [ana, ben, carla] = users as [TestUser, TestUser, TestUser]
    const message = await send(ana, group, 'fun')
    await react(ben, group, message, '😂')
    await react(carla, group, message, '😂')
    const reactions = (user: TestUser) => get(user, group, message).then((one) => one.reactions)
    expect(await reactions(ben)).toEqual([{ emoji: '😂', count: 2, own: true, userIds: [ben.id, carla.id] }])
    expect(await reactions(ana)).toEqual([{ emoji: '😂', count: 2, own: false, userIds: [ben.id, carla.id] }])
    await ok('removeReaction', { params: { chatId: group.id, messageId: message.id, emoji: '😂' } }, { as: ben })
    expect(await reactions(ben)).toEqual([{ emoji: '😂', count: 1, own: false, userIds: [carla.id] }])
  })

  test('mention members, who see how often', async () => {
    const { group, users } = await groupOf(3)
    const [ana, ben, carla] = users as [TestUser, TestUser, TestUser]
    const stranger = await newUser()
    const message = await send(ana, group, 'look, Ben', { mentions: [ben.id] })
    expect(message.mentions).toEqual([ben.id])
    expect(await chat(ben, group)).toMatchObject({ unreadCount: 1, mentionCount: 1 })
    expect(await chat(carla, group)).toMatchObject({ unreadCount: 1, mentionCount: 0 })
    const input = { params: { chatId: group.id }, body: { clientMessageId: 'm', text: 'x', mentions: [stranger.id] } }
    await refused('sendMessage', 'mention_unusable', input, { as: ana })
    await markRead(ben, group, message)
    expect(await chat(ben, group)).toMatchObject({ unreadCount: 0, mentionCount: 0 })
  })

  test('are read when all others have read them', async () => {
    const { group, users } = await groupOf(3)
    const [ana, ben, carla] = users as [TestUser, TestUser, TestUser]
    const message = await send(ana, group, 'read me')
    await markRead(ben, group, message)
    expect((await get(ana, group, message)).status).toBe('sent')
    await markRead(carla, group, message)
    expect((await get(ana, group, message)).status).toBe('read')
    expect((await chat(ana, group)).readUpToMessageId).toBe(message.id)
  })

  test('are listed page by page, from any place', async () => {
    const { group, users } = await groupOf(2)
    const [ana, ben] = users as [TestUser, TestUser]
    const sent: Message[] = []
    for (let n = 0; n < 7; n++) sent.push(await send(n % 2 ? ana : ben, group, `m${n}`))
    const first = await list(ana, group, { limit: 3 })
    const second = await list(ana, group, { limit: 3, cursor: first.nextCursor ?? '' })
    expect([...textsOf(first.items), ...textsOf(second.items)]).toEqual(['m6', 'm5', 'm4', 'm3', 'm2', 'm1'])
    expect(textsOf((await list(ana, group, { limit: 2, after: sent[2]?.id ?? '' })).items)).toEqual(['m4', 'm3'])
    expect(textsOf((await list(ana, group, { limit: 4, around: sent[3]?.id ?? '' })).items)).toEqual([
      'm4',
      'm3',
      'm2',
      'm1',
    ])
  })
})

describe('membership', () => {
  test('shows what was written before or not, as the settings say', async () => {
    for (const historyVisible of ['all', 'joining']) {
      const { group, users } = await groupOf(2, { settings: { historyVisible } })
      const [ana] = users as [TestUser, TestUser]
      const carla = await newUser()
      const before = await send(ana, group, 'before')
      await addMembers(ana, group, [carla])
      await send(ana, group, 'after', { replyToId: before.id })
      const { items } = await list(carla, group)
      expect(textsOf(items)).toEqual(historyVisible === 'all' ? ['after', 'before'] : ['after'])
      expect(items.find(({ text }) => text === 'after')?.replyTo?.text).toBe(historyVisible === 'all' ? 'before' : '')
      if (historyVisible === 'joining') {
        expect(
          (await call('getMessage', { params: { chatId: group.id, messageId: before.id } }, { as: carla })).status,
        ).toBe(404)
        expect(textsOf((await changesOf(carla, group)).messages)).toEqual(['after'])
      }
    }
  })

  test('ends by removal, and can begin again', async () => {
    const { group, users } = await groupOf(3)
    const [ana, ben, carla] = users as [TestUser, TestUser, TestUser]
    const removal = { params: { groupId: group.id, userId: ben.id } }
    await refused('removeGroupMember', 'not_allowed_in_group', removal, { as: carla })
    await ok('removeGroupMember', removal, { as: ana })
    await refused('removeGroupMember', 'member_not_found', removal, { as: ana })
    expect((await listChats(ben)).items).toEqual([])
    expect(await membersOf(ana, group, true)).toEqual([[ben.id, 'member']])
    await addMembers(ana, group, [ben])
    expect((await listChats(ben)).items.map(({ id }) => id)).toEqual([group.id])
    expect(await membersOf(ana, group, true)).toEqual([])
  })

  test('has roles that only the owner gives, and always an owner', async () => {
    const { group, users } = await groupOf(3)
    const [ana, ben, carla] = users as [TestUser, TestUser, TestUser]
    const role = (userId: string, to: string) => ({ params: { groupId: group.id, userId }, body: { role: to } })
    await refused('updateGroupMember', 'not_allowed_in_group', role(carla.id, 'admin'), { as: ben })
    await ok('updateGroupMember', role(carla.id, 'admin'), { as: ana })
    expect(await membersOf(ben, group)).toEqual(
      [
        [ana.id, 'owner'],
        [ben.id, 'member'],
        [carla.id, 'admin'],
      ].sort(),
    )
    await ok('leaveGroup', { params: { groupId: group.id } }, { as: ana })
    expect(await membersOf(ben, group)).toEqual(
      [
        [ben.id, 'member'],
        [carla.id, 'owner'],
      ].sort(),
    )
    await ok('updateGroupMember', role(ben.id, 'owner'), { as: carla })
    expect(await membersOf(ben, group)).toEqual(
      [
        [ben.id, 'owner'],
        [carla.id, 'admin'],
      ].sort(),
    )
  })

  test('is refused by those who have blocked the adder, or do not let them add', async () => {
    const [ana, ben, carla, dora] = [await newUser(), await newUser(), await newUser(), await newUser()]
    await ok('blockUser', { params: { userId: ana.id } }, { as: ben })
    await ok('updateMe', { body: { groupAddsAudience: 'contacts' } }, { as: carla })
    await ok('updateMe', { body: { messageAudience: 'nobody' } }, { as: dora })
    const { chat: group, ...others } = await createGroup(ana, [ben, carla, dora])
    expect(others).toEqual({ toInvite: [ben.id, carla.id], added: [dora.id], unreachable: [], banned: [] })
    await saved(carla, ana)
    expect((await addMembers(ana, group, [carla])).added).toEqual([carla.id])
    const eva = await newUser()
    await saved(eva, ana)
    await ok('updateMe', { body: { groupAddsAudience: 'nobody' } }, { as: eva })
    expect((await addMembers(ana, group, [eva])).toInvite).toEqual([eva.id])
  })

  test('is for nobody again who has left themselves, unless a contact adds them', async () => {
    const { group, users } = await groupOf(3)
    const [ana, ben, carla] = users as [TestUser, TestUser, TestUser]
    const leave = (as: TestUser) => ok('leaveGroup', { params: { groupId: group.id } }, { as })
    await leave(ben)
    expect(await addMembers(ana, group, [ben])).toMatchObject({ added: [], toInvite: [ben.id] })
    expect((await listChats(ben)).items).toEqual([])
    await saved(ben, carla)
    expect((await addMembers(ana, group, [ben])).toInvite).toEqual([ben.id])
    expect((await addMembers(carla, group, [ben])).added).toEqual([ben.id])
    await ok('removeGroupMember', { params: { groupId: group.id, userId: ben.id } }, { as: ana })
    expect((await addMembers(ana, group, [ben])).added).toEqual([ben.id])
    await leave(ben)
    await ok('updateMe', { body: { groupAddsAudience: 'nobody' } }, { as: ben })
    expect((await addMembers(carla, group, [ben])).toInvite).toEqual([ben.id])
  })

  test('ends with the account', async () => {
    const { group, users } = await groupOf(2)
    const [ana, ben] = users as [TestUser, TestUser]
    await send(ben, group, 'I was here')
    await ok('deleteMe', {}, { as: ben })
    await delivered(ben)
    expect(await membersOf(ana, group)).toEqual([[ana.id, 'owner']])
    expect(textsOf((await list(ana, group)).items)).toEqual(['I was here'])
  })
})

describe('settings of a group', () => {
  test('say who may send, and how often', async () => {
    const { group, users } = await groupOf(2, { settings: { sendBy: 'admins' } })
    const [ana, ben] = users as [TestUser, TestUser]
    const input = () => ({ params: { chatId: group.id }, body: { clientMessageId: crypto.randomUUID(), text: 'x' } })
    await refused('sendMessage', 'not_allowed_in_group', input(), { as: ben })
    await send(ana, group, 'announcement')
    const update = { params: { groupId: group.id }, body: { settings: { sendBy: 'members', slowModeSeconds: 60 } } }
    await refused('updateGroup', 'not_allowed_in_group', update, { as: ben })
    await ok('updateGroup', update, { as: ana })
    await send(ben, group, 'thanks')
    const { headers } = await refused('sendMessage', 'slow_mode', input(), { as: ben })
    expect(Number(headers.get('Retry-After'))).toBeGreaterThan(50)
    await send(ana, group, 'at once')
    await send(ana, group, 'and again')
  })

  test('are the user’s own where they are about their view', async () => {
    const { group, users } = await groupOf(2)
    const [ana, ben] = users as [TestUser, TestUser]
    const params = { chatId: group.id }
    await ok(
      'updateChat',
      { params, body: { pinned: true, markedUnread: true, mutedUntil: '2999-01-01T00:00:00Z' } },
      { as: ana },
    )
    expect(await chat(ana, group)).toMatchObject({
      pinned: true,
      markedUnread: true,
      mutedUntil: '2999-01-01T00:00:00.000Z',
    })
    expect(await chat(ben, group)).toMatchObject({ pinned: false, markedUnread: false, mutedUntil: null })
    const message = await send(ben, group, 'hello')
    expect(await ok<UnreadCount>('getUnreadCount', {}, { as: ana })).toEqual({
      ...{ messages: 1, chats: 1, complete: true },
      withoutMuted: { messages: 0, chats: 0 },
    })
    await markRead(ana, group, message)
    expect(await chat(ana, group)).toMatchObject({ markedUnread: false, unreadCount: 0 })
    await ok('clearChat', { params }, { as: ana })
    expect(textsOf((await list(ana, group)).items)).toEqual([])
    expect(textsOf((await list(ben, group)).items)).toEqual(['hello'])
  })
})

describe('a mute that lets mentions through', () => {
  const muted = { mutedUntil: '2999-01-01T00:00:00Z', archived: true }

  test('counts them, and is unarchived by a new one', async () => {
    const { group, users } = await groupOf(3)
    const [ana, ben, carla] = users as [TestUser, TestUser, TestUser]
    const params = { chatId: group.id }
    const update = (as: TestUser, body: object) => ok<Chat>('updateChat', { params, body }, { as })
    expect(await chat(ben, group)).toMatchObject({ notifyMentions: false })
    expect(await update(ben, { ...muted, notifyMentions: true })).toMatchObject({ notifyMentions: true })
    await update(carla, muted)
    const loud = async (as: TestUser) => (await ok<UnreadCount>('getUnreadCount', {}, { as })).withoutMuted
    const isArchived = async (as: TestUser) => (await listChats(as)).items[0]?.archived
    await send(ana, group, 'to all')
    expect([await loud(ben), await isArchived(ben)]).toEqual([{ messages: 0, chats: 0 }, true])
    await send(ana, group, 'to you', { mentions: [ben.id, carla.id] })
    await send(ana, group, 'to all again')
    expect([await loud(ben), await isArchived(ben)]).toEqual([{ messages: 1, chats: 1 }, false])
    expect([await loud(carla), await isArchived(carla)]).toEqual([{ messages: 0, chats: 0 }, true])
    // What was there when the chat was archived does not unarchive it.
    await update(ben, { archived: true })
    const last = await send(ana, group, 'and again')
    expect([await loud(ben), await isArchived(ben)]).toEqual([{ messages: 0, chats: 0 }, true])
    await markRead(ben, group, last)
    await send(ana, group, 'to you once more', { mentions: [ben.id] })
    expect([await loud(ben), await isArchived(ben)]).toEqual([{ messages: 1, chats: 1 }, false])
    expect((await update(ben, { notifyMentions: false })).notifyMentions).toBe(false)
    expect(await loud(ben)).toEqual({ messages: 0, chats: 0 })
  })

  test('is for groups alone', async () => {
    const [ana, ben] = await friends()
    await send(ana, ben, 'hello')
    const input = (notifyMentions: boolean) => ({ params: { chatId: ben.id }, body: { notifyMentions, pinned: true } })
    const { body: refusal } = await refused('updateChat', 'invalid_request', input(true), { as: ana })
    expect(refusal.errors).toMatchObject([{ pointer: '/notifyMentions' }])
    expect(await chat(ana, ben)).toMatchObject({ notifyMentions: false, pinned: false })
    expect(await ok('updateChat', input(false), { as: ana })).toMatchObject({ notifyMentions: false, pinned: true })
  })
})

describe('changes', () => {
  test('of a group follow on each other, from any cursor', async () => {
    const { group, users } = await groupOf(3)
    const [ana, ben, carla] = users as [TestUser, TestUser, TestUser]
    const start = await changesOf(ben, group)
    expect(start).toMatchObject({ reset: true, hasMore: false })
    expect(start.members.map(({ user }) => user.id).sort()).toEqual(users.map(({ id }) => id).sort())
    const one = await send(ana, group, 'one')
    await send(carla, group, 'two')
    await react(carla, group, one, '👍')
    await remove(ben, group, one)
    const pages = await allChanges(ben, group, start.cursor)
    expect(textsOf(pages.flatMap(({ messages }) => messages))).toEqual(['two'])
    expect(pages.flatMap(({ removed }) => removed)).toEqual([{ chatId: group.id, messageId: one.id }])
    expect(pages.at(-1)?.chat).toMatchObject({ unreadCount: 1, lastMessage: { text: 'two' } })
    const last = pages.at(-1)?.cursor
    expect(await changesOf(ben, group, last)).toMatchObject({ messages: [], removed: [], members: [], reset: false })
    const small = await changesOf(carla, group, start.cursor, 1)
    expect(small).toMatchObject({ reset: false, hasMore: true, messages: [{ text: 'two' }] })
  })

  test('of all chats name the group with a greater version, and groups that were left', async () => {
    const { group, users } = await groupOf(2)
    const [ana, ben] = users as [TestUser, TestUser]
    const changes = (cursor?: string) => ok<Changes>('listChanges', { query: { cursor } }, { as: ben })
    const first = await changes()
    expect(first.chats).toMatchObject([{ id: group.id, kind: 'group' }])
    await send(ana, group, 'news')
    const second = await changes(first.cursor)
    expect(second.chats).toMatchObject([{ id: group.id, unreadCount: 1, lastMessage: { text: 'news' } }])
    expect(second.chats[0]?.version).toBeGreaterThan(first.chats[0]?.version ?? Number.NaN)
    expect(await changes(second.cursor)).toMatchObject({ chats: [], left: [], complete: true })
    await ok('removeGroupMember', { params: { groupId: group.id, userId: ben.id } }, { as: ana })
    const third = await changes(second.cursor)
    expect(third).toMatchObject({ chats: [], left: [group.id] })
  })
})

describe('what a group does not allow', () => {
  test('to act on oneself, or without the right', async () => {
    const { group, users } = await groupOf(2, { settings: { addBy: 'admins' } })
    const [ana, ben] = users as [TestUser, TestUser]
    const own = { params: { groupId: group.id, userId: ana.id } }
    await refused('removeGroupMember', 'own_user', own, { as: ana })
    await refused('updateGroupMember', 'own_user', { ...own, body: { role: 'member' } }, { as: ana })
    const add = { params: { groupId: group.id }, body: { userIds: [(await newUser()).id] } }
    await refused('addGroupMembers', 'not_allowed_in_group', add, { as: ben })
    const update = { params: { groupId: group.id }, body: { title: 'Mine' } }
    await refused('updateGroup', 'not_allowed_in_group', update, { as: ben })
    expect(await ok<Chat>('getGroup', { params: { groupId: group.id } }, { as: ben })).toMatchObject({
      group: { title: 'Lighthouse keepers', settings: { addBy: 'admins' } },
    })
  })

  test('more people than it may ever have had as members, but former ones can return', async () => {
    const { group, users } = await groupOf(3)
    const [ana, ben] = users as [TestUser, TestUser]
    await ok('removeGroupMember', { params: { groupId: group.id, userId: ben.id } }, { as: ana })
    await fillGroup(group, 9_997, 'former')
    const both = { params: { groupId: group.id }, body: { userIds: [ben.id, (await newUser()).id] } }
    await refused('addGroupMembers', 'group_full', both, { as: ana })
    expect((await addMembers(ana, group, [ben])).added).toEqual([ben.id])
    expect(await chat(ben, group)).toMatchObject({ group: { memberCount: 3 } })
  })

  test('more members than it has room for', async () => {
    const { group, users } = await groupOf(2)
    const [ana] = users as [TestUser]
    await fillGroup(group, 997)
    const [one, two] = [await newUser(), await newUser()]
    const both = { params: { groupId: group.id }, body: { userIds: [one.id, two.id] } }
    await refused('addGroupMembers', 'group_full', both, { as: ana })
    expect((await addMembers(ana, group, [one])).added).toEqual([one.id])
    expect(await chat(one, group)).toMatchObject({ group: { memberCount: 1_000 } })
  })

  test('a user to be in more groups than they may, or to create more', async () => {
    const [ana, ben] = [await newUser(), await newUser()]
    await createGroup(ana)
    await fillWithGroups(ana, 499)
    await refused('createGroup', 'groups_full', body('one'), { as: ana })
    const { toInvite } = await createGroup(ben, [ana])
    expect(toInvite).toEqual([ana.id])
    const carla = await newUser()
    await configureMailbox(carla.id, { NEW_GROUPS_PER_DAY: 1 })
    await ok('createGroup', body('one'), { as: carla })
    const { headers } = await refused('createGroup', 'new_groups_exhausted', body('two'), { as: carla })
    expect(Number(headers.get('Retry-After'))).toBeGreaterThan(0)
  })

  test('a user to add more users than they may in a day', async () => {
    const ana = await newUser()
    const { chat: group } = await createGroup(ana)
    await configureMailbox(ana.id, { GROUP_ADDS_PER_DAY: 1 })
    const add = (userIds: string[]) => ({ params: { groupId: group.id }, body: { userIds } })
    const [one, two] = [await newUser(), await newUser()]
    await refused('addGroupMembers', 'group_adds_exhausted', add([one.id, two.id]), { as: ana })
    await ok('addGroupMembers', add([one.id]), { as: ana })
    await refused('addGroupMembers', 'group_adds_exhausted', add([two.id]), { as: ana })
  })

  test('its creator to get it back by its id once they have left', async () => {
    const ana = await newUser()
    const input = body(crypto.randomUUID())
    const { chat: created } = await ok<{ chat: Chat }>('createGroup', input, { as: ana })
    await ok('leaveGroup', { params: { groupId: created.id } }, { as: ana })
    await refused('createGroup', 'chat_not_found', input, { as: ana })
  })

  test('to hold more than it may: reading and deleting go on', async () => {
    const { group, users } = await groupOf(2)
    const [ana, ben] = users as [TestUser, TestUser]
    const message = await send(ana, group, 'the last one')
    vi.spyOn(StorageSize.prototype, 'isAtLeast').mockReturnValue(true)
    const input = { params: { chatId: group.id }, body: { clientMessageId: 'more', text: 'one more' } }
    await refused('sendMessage', 'group_storage_full', input, { as: ana })
    const longer = { params: { chatId: group.id, messageId: message.id }, body: { text: 'the very last one' } }
    await refused('editMessage', 'group_storage_full', longer, { as: ana })
    await edit(ana, message, 'the last')
    await markRead(ben, group, message)
    expect((await remove(ana, group, message, 'everyone')).status).toBe(204)
    vi.restoreAllMocks()
    await send(ana, group, 'room again')
  })
})
