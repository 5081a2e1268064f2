import { describe, expect, test } from 'vitest'
import { ok } from '../support/call'
import { send } from '../support/chat-calls'
import { addMembers, groupOf, settle, textsOf } from '../support/group-calls'
import { connectLive } from '../support/socket'
import { newUser, type TestUser } from '../support/users'

const brings = (text: string) => (frame: { changes: { messages: { text: string }[] } | null }) =>
  frame.changes?.messages.some((message) => message.text === text) ?? false

describe('a socket', () => {
  test('is shown what is written in a group, by whomever, with where it follows on', async () => {
    const { group, users } = await groupOf(3)
    const [ana, ben] = users as [TestUser, TestUser]
    const [one, other] = [await connectLive(ana), await connectLive(ben)]
    const sent = await other.ask({ type: 'sendMessage', chatId: group.id, clientMessageId: 'c1', text: 'live' })
    expect(sent).toMatchObject({ type: 'ack', message: { text: 'live', status: 'sent', senderId: ben.id } })
    const shown = await one.next('groupChanges', brings('live'))
    expect(shown).toMatchObject({ chatId: group.id, chat: { unreadCount: 1, lastMessage: { text: 'live' } } })
    expect(shown.from).toBeLessThan(shown.version)
    expect(await other.next('groupChanges', brings('live'))).toMatchObject({ chat: { unreadCount: 0 } })
    await send(ana, group, 'again')
    const next = await one.next('groupChanges', brings('again'))
    expect(next.from).toBeLessThanOrEqual(shown.version)
    expect(next.version).toBeGreaterThan(shown.version)
  })

  test('gets the changes of a group after the cursor of a frame', async () => {
    const { group, users } = await groupOf(2)
    const [ana, ben] = users as [TestUser, TestUser]
    const socket = await connectLive(ben)
    await send(ana, group, 'one')
    const { cursor } = await socket.next('groupChanges', brings('one'))
    await send(ana, group, 'two')
    const answer = await socket.ask({ type: 'getGroupChanges', chatId: group.id, cursor })
    expect(answer).toMatchObject({ type: 'ack', groupChanges: { reset: false, messages: [{ text: 'two' }] } })
    const start = await socket.ask({ type: 'getGroupChanges', chatId: group.id })
    expect(start).toMatchObject({ type: 'ack', groupChanges: { reset: true } })
    const bad = await socket.ask({ type: 'getGroupChanges', chatId: group.id, cursor: 'nonsense' })
    expect(bad).toMatchObject({ type: 'error', problem: { code: 'invalid_request' } })
  })

  test('that connects is told of what has changed meanwhile, once', async () => {
    const { group, users } = await groupOf(2)
    const [ana, ben] = users as [TestUser, TestUser]
    const first = await connectLive(ben)
    const { cursor } = first
    first.close()
    for (const text of ['one', 'two', 'three']) await send(ana, group, text)
    await settle(group)
    const socket = await connectLive(ben, { cursor })
    const told = socket.taken.flatMap((frame) => (frame.type === 'changes' ? frame.changes.chats : []))
    expect(told).toMatchObject([{ id: group.id, unreadCount: 3, lastMessage: { text: 'three' } }])
  })

  test('marks as read, and sees who types', async () => {
    const { group, users } = await groupOf(2)
    const [ana, ben] = users as [TestUser, TestUser]
    const [one, other] = [await connectLive(ana), await connectLive(ben)]
    const message = await send(ana, group, 'typed')
    await other.next('groupChanges', brings('typed'))
    await one.next('groupChanges', brings('typed'))
    const marked = await other.ask({ type: 'markRead', chatId: group.id, upToMessageId: message.id })
    expect(marked).toMatchObject({ type: 'ack', chat: { unreadCount: 0, lastReadMessageId: message.id } })
    const seen = await one.next('groupChanges', ({ chat }) => chat.readUpToMessageId === message.id)
    expect(seen.changes?.members).toMatchObject([{ user: { id: ben.id }, lastReadMessageId: message.id }])
    await other.ask({ type: 'typing', chatId: group.id })
    expect(await one.next('typing')).toMatchObject({ chatId: group.id, userId: ben.id })
  })

  test('of somebody who was removed is told so, and shown nothing more', async () => {
    const { group, users } = await groupOf(3)
    const [ana, ben] = users as [TestUser, TestUser]
    const socket = await connectLive(ben)
    await ok('removeGroupMember', { params: { groupId: group.id, userId: ben.id } }, { as: ana })
    const gone = await socket.next('changes', ({ changes }) => changes.left.includes(group.id))
    expect(gone.changes.chats).toEqual([])
    await send(ana, group, 'without Ben')
    await settle(group)
    const after = await socket.untilNow()
    expect(JSON.stringify(after)).not.toContain('without Ben')
    expect(await socket.ask({ type: 'getGroupChanges', chatId: group.id })).toMatchObject({
      ...{ type: 'error', problem: { code: 'chat_not_found' } },
    })
  })

  test('hears of a group that its user was added to', async () => {
    const { group, users } = await groupOf(2)
    const [ana] = users as [TestUser]
    const carla = await newUser()
    const socket = await connectLive(carla)
    await addMembers(ana, group, [carla])
    const frame = await socket.next('groupChanges')
    expect(frame.chat).toMatchObject({ id: group.id, group: { memberCount: 3, role: 'member' } })
    const page = await socket.ask({ type: 'getGroupChanges', chatId: group.id })
    expect(page).toMatchObject({ groupChanges: { reset: true } })
    expect(textsOf(page.type === 'ack' ? (page.groupChanges?.messages ?? []) : [])).toEqual([])
  })

  test('that asks for much of a group is asked to confirm it, and then gets on', async () => {
    const { group, users } = await groupOf(2)
    const [ana, ben] = users as [TestUser, TestUser]
    for (let n = 0; n < 12; n++) await send(ana, group, `${n}${'🦊'.repeat(15_000)}`)
    const socket = await connectLive(ben)
    const ask = () => socket.ask({ type: 'getGroupChanges', chatId: group.id })
    const answers = []
    socket.receives = false
    for (let n = 0; n < 6; n++) answers.push(await ask())
    const refused = answers.filter(({ type }) => type === 'error')
    expect(refused.length).toBeGreaterThan(0)
    expect(refused[0]).toMatchObject({ problem: { code: 'too_many_requests' }, retryAfterSeconds: 1 })
    expect(answers.length - refused.length).toBeGreaterThan(1)
    const asked = socket.taken.findLast((frame) => frame.type === 'changes')
    socket.send({ type: 'received', cursor: asked?.type === 'changes' ? asked.changes.cursor : '' })
    expect(await ask()).toMatchObject({ type: 'ack', groupChanges: { reset: true } })
  })
})
