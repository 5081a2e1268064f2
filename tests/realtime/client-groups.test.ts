// How the client that apps copy (examples/typescript) follows groups.
import { describe, expect, test } from 'vitest'
import { reduceGroup } from '../../examples/typescript/group-state'
import type { Chat, GroupChangesFrame, Message as WireMessage } from '../../examples/typescript/schema'
import { chatsOf, empty, membersOf, messagesOf } from '../../examples/typescript/state'
import type { Chats } from '../../schemas/chat'
import type { GroupMemberShown } from '../../schemas/group'
import type { GroupChanges } from '../../schemas/group-changes'
import type { Message, Messages } from '../../schemas/message'
import { ok } from '../support/call'
import { edit, markRead, react, remove, send } from '../support/chat-calls'
import { type Chatting, chatting, signedIn, startChat, textsOf, untilLive } from '../support/example-client'
import { addMembers, createGroup, type TestGroup } from '../support/group-calls'
import { newUser, type TestUser } from '../support/users'

const waits = { timeout: 10_000 }

/** A group of Ana, who uses the client, and of others, the first of whom is its owner. */
async function groupWith(ana: TestUser, count = 1, more: object = {}) {
  const others = await Promise.all(Array.from({ length: count }, () => newUser()))
  const [owner] = others
  if (!owner) throw new Error('A group has an owner')
  const { chat } = await createGroup(owner, [ana, ...others.slice(1)], more)
  const group: TestGroup = { id: chat.id }
  return { group, owner, others }
}

const removeMember = (by: TestUser, { id: groupId }: TestGroup, { id: userId }: TestUser) =>
  ok('removeGroupMember', { params: { groupId, userId } }, { as: by })

const listed = async (user: TestUser, { id: chatId }: TestGroup): Promise<Message[]> => {
  const { items } = await ok<Messages>('listMessages', { params: { chatId }, query: { limit: 200 } }, { as: user })
  return items.toReversed()
}

/** What was written, without what happened to the group. */
const writtenIn = (ana: Chatting, group: TestGroup) => textsOf(ana, group).filter((text) => text !== '')

const versionOf = ({ store }: Chatting, { id }: TestGroup) => store.state.groups.get(id)?.version

/** Until the client holds all of the group that the server has for its user. */
async function untilHeld(ana: Chatting, group: TestGroup) {
  await expect.poll(() => messagesOf(ana.store.state, group.id), waits).toEqual(await listed(ana, group))
  const { items } = await ok<Chats>('listChats', {}, { as: ana })
  await expect.poll(() => chatsOf(ana.store.state), waits).toEqual(items)
  expect(versionOf(ana, group)).toBe(ana.store.state.chats.get(group.id)?.version)
}

describe('a frame of a group', () => {
  const chatId = 'grp_1'
  const message = (id: string) => ({ id, chatId, deletedAt: null, status: null }) as WireMessage
  const chatAt = (version: number) => ({ id: chatId, kind: 'group', version, clearedUpTo: null }) as Chat
  const frame = (from: number, version: number, hasChanges = true) =>
    ({
      ...{ type: 'groupChanges', chatId, from, version, chat: chatAt(version), cursor: `at ${version}` },
      changes: hasChanges ? { messages: [message(`msg_${version}`)], removed: [], members: [] } : null,
    }) as GroupChangesFrame

  const heldAt = (version: number) => {
    const state = empty()
    state.groups.set(chatId, { cursor: `at ${version}`, version, start: 1, oldestId: '', hasMore: false })
    state.chats.set(chatId, chatAt(version))
    return state
  }

  const rows: [what: string, from: number, version: number, applied: boolean, behind: boolean][] = [
    ['follows on what is held: it is applied', 10, 12, true, false],
    ['begins before what is held, and brings more: it is applied', 7, 12, true, false],
    ['brings what is held: it is dropped', 7, 10, false, false],
    ['brings less than what is held: it is dropped', 3, 9, false, false],
    ['begins after what is held: the group is fetched', 11, 12, false, true],
  ]
  for (const [what, from, version, applied, behind] of rows)
    test(what, () => {
      const state = heldAt(10)
      expect(reduceGroup(state, frame(from, version))).toBe(behind)
      expect(state.groups.get(chatId)).toMatchObject(
        applied ? { version, cursor: `at ${version}` } : { version: 10, cursor: 'at 10' },
      )
      expect(messagesOf(state, chatId)).toHaveLength(applied ? 1 : 0)
      expect(state.chats.get(chatId)?.version).toBe(Math.max(version, 10))
    })

  test('without its changes, or of a group that is not held, has the group fetched, and shows its chat', () => {
    const state = heldAt(10)
    expect(reduceGroup(state, frame(10, 12, false))).toBe(true)
    expect(state.chats.get(chatId)?.version).toBe(12)
    const nothing = empty()
    expect(reduceGroup(nothing, frame(0, 12))).toBe(true)
    expect([nothing.groups.size, messagesOf(nothing, chatId)]).toEqual([0, []])
  })

  test('overtakes the page that was requested before it', () => {
    const state = heldAt(10)
    const page = {
      ...{ chatId, reset: false, removed: [], members: [], chat: chatAt(11), cursor: 'at 11', hasMore: false },
      messages: [message('msg_11')],
    }
    reduceGroup(state, frame(10, 12))
    expect(reduceGroup(state, { page, askedFrom: 'at 10' })).toBe(false)
    expect(state.groups.get(chatId)).toMatchObject({ version: 12, cursor: 'at 12' })
    expect(messagesOf(state, chatId).map(({ id }) => id)).toEqual(['msg_12'])
  })
})

describe('a client with a full copy', () => {
  test('holds what the server holds of a group, live: messages, members, counts, the chat', async () => {
    const ana = await chatting()
    const { group, owner, others } = await groupWith(ana, 3)
    const [, ben] = others
    if (!ben) throw new Error('There is a third member')
    await expect.poll(() => versionOf(ana, group), waits).toBeDefined()
    const sent = []
    for (const text of ['one', 'two', 'three']) sent.push(await send(owner, group, text))
    const [one, two, three] = sent
    if (!one || !two || !three) throw new Error('Nothing was sent')
    await send(ben, group, 'Ahoy, Ana', { mentions: [ana.id], replyToId: one.id })
    await edit(owner, one, 'one, edited')
    await react(ben, group, two, '👍')
    await remove(owner, group, three, 'everyone')
    await remove(ana, group, two)
    await untilHeld(ana, group)
    const chat = ana.store.state.chats.get(group.id)
    expect([chat?.unreadCount, chat?.mentionCount]).toEqual([2, 1])
    const { items } = await ok<{ items: GroupMemberShown[] }>(
      'listGroupMembers',
      { params: { groupId: group.id } },
      { as: ana },
    )
    expect([...membersOf(ana.store.state, group.id).values()].map(({ user }) => user.id).sort()).toEqual(
      items.map(({ user }) => user.id),
    )
    // Nothing had to be requested after the fresh start.
    const asked = ana.network.socket.sent.filter((text) => text.includes('getGroupChanges'))
    expect(asked.length).toBeLessThanOrEqual(2)
    await ana.chat.realtime.ask({ type: 'markRead', chatId: group.id, upToMessageId: three.id })
    await markRead(ben, group, three)
    await untilHeld(ana, group)
    const mine = membersOf(ana.store.state, group.id).get(ana.id)
    expect(mine?.lastReadMessageId).toBe(ana.store.state.chats.get(group.id)?.lastReadMessageId)
  })

  test('fetches what it missed, from its cursor', async () => {
    const ana = await chatting()
    const { group, owner } = await groupWith(ana)
    await send(owner, group, 'one')
    await expect.poll(() => writtenIn(ana, group), waits).toEqual(['one'])
    ana.network.isUp = false
    ana.network.socket.cut()
    const { cursor } = (await ana.store.group(group.id)) ?? {}
    for (let n = 0; n < 30; n++) await send(owner, group, `${n}`)
    ana.network.isUp = true
    ana.chat.wake()
    await untilLive(ana, 2)
    await untilHeld(ana, group)
    const [asked] = ana.network.socket.sent.filter((text) => text.includes('getGroupChanges'))
    expect(JSON.parse(asked ?? '{}').cursor).toBe(cursor)
    expect(writtenIn(ana, group)).toHaveLength(31)
  })

  test('makes good what did not arrive while it was connected', async () => {
    const ana = await chatting()
    const { group, owner } = await groupWith(ana)
    await send(owner, group, 'one')
    await expect.poll(() => writtenIn(ana, group), waits).toEqual(['one'])
    ana.network.socket.isMute = true
    await send(owner, group, 'lost')
    await new Promise((resolve) => setTimeout(resolve, 500))
    ana.network.socket.isMute = false
    await send(owner, group, 'two')
    await expect.poll(() => writtenIn(ana, group), waits).toEqual(['one', 'lost', 'two'])
    expect(ana.network.sockets).toHaveLength(1)
    await untilHeld(ana, group)
  })

  test('loads older messages page by page, and shows none beyond a gap', async () => {
    const ana = await signedIn()
    const { group, owner } = await groupWith(ana)
    const first = await send(owner, group, '0')
    for (let n = 1; n < 130; n++) await send(owner, group, `${n}`)
    const started = startChat(ana)
    await untilLive(started)
    await expect.poll(() => writtenIn(started, group).length, waits).toBe(50)
    await edit(owner, first, 'edited')
    await expect.poll(() => started.store.state.messages.get(group.id)?.get(first.id)?.text, waits).toBe('edited')
    expect(writtenIn(started, group)).toHaveLength(50)
    expect(await started.chat.history.loadMessages(group.id)).toBe(true)
    expect(writtenIn(started, group)).toHaveLength(100)
    while (await started.chat.history.loadMessages(group.id));
    await untilHeld(started, group)
    expect(writtenIn(started, group).slice(0, 2)).toEqual(['edited', '1'])
    const { requests } = started.network
    const before = requests.length
    expect(await started.chat.history.loadMessages(group.id)).toBe(false)
    expect(requests).toHaveLength(before)
  })
})

describe('when the user is no longer in a group', () => {
  test('everything of it is dropped, live and after an absence', async () => {
    const ana = await chatting()
    const [one, other] = [await groupWith(ana), await groupWith(ana)]
    for (const { group, owner } of [one, other]) await send(owner, group, 'hello')
    for (const { group } of [one, other]) await expect.poll(() => writtenIn(ana, group), waits).toEqual(['hello'])
    await removeMember(one.owner, one.group, ana)
    const isHeld = ({ group: { id } }: typeof one) => {
      const { chats, groups, members } = ana.store.state
      return chats.has(id) || groups.has(id) || members.has(id) || messagesOf(ana.store.state, id).length > 0
    }
    await expect.poll(() => isHeld(one), waits).toBe(false)
    ana.network.isUp = false
    ana.network.socket.cut()
    await removeMember(other.owner, other.group, ana)
    ana.network.isUp = true
    ana.chat.wake()
    await untilLive(ana, 2)
    await expect.poll(() => isHeld(other), waits).toBe(false)
    expect(ana.errors).toEqual([])
  })

  test('what was requested before comes too late: pages of it and chat lists with it', async () => {
    const ana = await chatting()
    const { group, owner } = await groupWith(ana)
    for (let n = 0; n < 60; n++) await send(owner, group, `${n}`)
    await expect.poll(() => writtenIn(ana, group).length, waits).toBeGreaterThan(49)
    const { id } = group
    const asked = ana.store.forgotten
    const copy = await ana.store.group(id)
    const stale = await ok<Messages>('listMessages', { params: { chatId: id }, query: { limit: 200 } }, { as: ana })
    const chats = await ok<Chats>('listChats', {}, { as: ana })
    const page = await ok<GroupChanges>('listGroupChanges', { params: { groupId: id } }, { as: ana })
    await removeMember(owner, group, ana)
    await expect.poll(() => ana.store.state.chats.has(id), waits).toBe(false)
    await ana.store.load({ chats: chats.items }, asked)
    if (copy) await ana.store.load({ messages: stale.items, group: { chatId: id, asked: copy, hasMore: false } }, asked)
    expect(await ana.store.applyGroup({ page, askedFrom: undefined }, asked)).toBe(false)
    for (const message of stale.items.slice(0, 1)) await ana.store.settle(message)
    expect([ana.store.state.chats.has(id), ana.store.state.groups.has(id), messagesOf(ana.store.state, id)]).toEqual([
      false,
      false,
      [],
    ])
  })

  test('and is added again, they see what the group lets them see, and nothing of before', async () => {
    const ana = await chatting()
    const { group, owner } = await groupWith(ana, 1, { settings: { historyVisible: 'joining' } })
    await send(owner, group, 'before')
    await expect.poll(() => writtenIn(ana, group), waits).toEqual(['before'])
    ana.network.isUp = false
    ana.network.socket.cut()
    await removeMember(owner, group, ana)
    await send(owner, group, 'between')
    await addMembers(owner, group, [ana])
    await send(owner, group, 'after')
    ana.network.isUp = true
    ana.chat.wake()
    await untilLive(ana, 2)
    await expect.poll(() => writtenIn(ana, group), waits).toEqual(['after'])
    await untilHeld(ana, group)
  })
})

describe('a client without a copy', () => {
  test('follows a group once it is opened, and of others shows the chat alone', async () => {
    const ana = await signedIn()
    const { group, owner } = await groupWith(ana)
    const { group: unopened, owner: another } = await groupWith(ana)
    for (let n = 0; n < 70; n++) await send(owner, group, `${n}`)
    const started = startChat(ana, { from: 'now' })
    await untilLive(started)
    await started.chat.history.loadChats()
    expect(messagesOf(started.store.state, group.id)).toEqual([])
    expect(await started.chat.history.loadMessages(group.id)).toBe(true)
    expect(started.chat.history.messagesOf(started.store.state, group.id)).toHaveLength(50)
    while (await started.chat.history.loadMessages(group.id));
    await send(owner, group, 'live')
    await send(another, unopened, 'live')
    await expect.poll(() => writtenIn(started, group).at(-1), waits).toBe('live')
    await untilHeld(started, group)
    const chat = () => started.store.state.chats.get(unopened.id)
    await expect.poll(() => chat()?.lastMessage?.text, waits).toBe('live')
    expect([messagesOf(started.store.state, unopened.id), started.store.state.groups.has(unopened.id)]).toEqual([
      [],
      false,
    ])
    expect(started.network.socket.sent.filter((text) => text.includes(unopened.id))).toEqual([])
  })
})

describe('what is written into a group', () => {
  test('without a network is sent once, in order, with its mentions', async () => {
    const ana = await chatting()
    const { group, owner } = await groupWith(ana)
    await expect.poll(() => versionOf(ana, group), waits).toBeDefined()
    ana.network.isUp = false
    ana.network.socket.cut()
    await ana.chat.outbox.send(group.id, { text: 'one' })
    await ana.chat.outbox.send(group.id, { text: 'two, @owner', mentions: [owner.id] })
    ana.network.isUp = true
    ana.chat.wake()
    await untilLive(ana, 2)
    await expect.poll(() => ana.store.outbox.size, waits).toBe(0)
    await expect.poll(() => writtenIn(ana, group), waits).toEqual(['one', 'two, @owner'])
    await untilHeld(ana, group)
    const { items } = await ok<Chats>('listChats', {}, { as: owner })
    expect(items.find(({ id }) => id === group.id)).toMatchObject({ unreadCount: 2, mentionCount: 1 })
    expect(messagesOf(ana.store.state, group.id).at(-1)?.mentions).toEqual([owner.id])
  })

  test('by somebody who was removed fails, and stays in the outbox until it is given up', async () => {
    const ana = await chatting()
    const { group, owner } = await groupWith(ana)
    await expect.poll(() => versionOf(ana, group), waits).toBeDefined()
    ana.network.isUp = false
    ana.network.socket.cut()
    await removeMember(owner, group, ana)
    await ana.chat.outbox.send(group.id, { text: 'too late' })
    ana.network.isUp = true
    ana.chat.wake()
    await expect
      .poll(() => [...ana.store.outbox.values()], waits)
      .toMatchObject([{ chatId: group.id, problem: { code: 'chat_not_found' } }])
    expect(messagesOf(ana.store.state, group.id)).toEqual([])
  })

  test('is read once all have read it, and the user’s own settings are those that came last', async () => {
    const ana = await chatting()
    const { group, others } = await groupWith(ana, 2)
    await expect.poll(() => versionOf(ana, group), waits).toBeDefined()
    const sent = await send(ana, group, 'Did you see it?')
    const status = () => ana.store.state.messages.get(group.id)?.get(sent.id)?.status
    await expect.poll(status, waits).toBe('sent')
    for (const other of others) await markRead(other, group, sent)
    await expect.poll(status, waits).toBe('read')
    // Nothing has asked the group yet how it looks.
    await ok('updateChat', { params: { chatId: group.id }, body: { pinned: true } }, { as: ana })
    await expect.poll(() => ana.store.state.chats.get(group.id)?.pinned, waits).toBe(true)
    await untilHeld(ana, group)
  })
})
