import { expect, test } from 'vitest'
import type { Changes } from '../../schemas/changes'
import type { Chats } from '../../schemas/chat'
import type { File } from '../../schemas/file'
import type { Message } from '../../schemas/message'
import { limits } from '../../src/core/limits'
import { ok } from '../support/call'
import { chat, delivered, edit, friends, get, list, markRead, react, remove, send } from '../support/chat-calls'
import { later } from '../support/clock'
import { png } from '../support/media'
import type { TestUser } from '../support/users'

// Pages and single items are made in different ways, for speed: whoever compares them finds no difference.

const changes = (as: TestUser) => ok<Changes>('listChanges', { query: { limit: 100 } }, { as })
const chats = (as: TestUser) => ok<Chats>('listChats', {}, { as })

const oddTexts = [
  'plain',
  '"quoted" \\ and back',
  'a\u0001\t\n\u007f\u2028\u2029b',
  'Zürich 東京 👩🏽‍🚀',
  '","lastMessage":null,"text":"',
  '$& $1 $$',
]

/** Every kind of message between two, of both of them. */
async function conversation() {
  const [ana, ben] = await friends()
  const file = await ok<File>('uploadFile', { raw: 'a note', headers: { 'Content-Type': 'text/plain' } }, { as: ana })
  const sent: Message[] = []
  for (const text of oddTexts) sent.push(await send(ana, ben, text), await send(ben, ana, text))
  const [first, second, third, fourth] = sent as [Message, Message, Message, Message]
  await delivered(ana, ben)
  await send(ana, ben, '', { attachmentFileIds: [file.id] })
  await send(ben, ana, 'a reply', { replyToId: first.id })
  await send(ben, ana, '', { metadata: Object.fromEntries(oddTexts.map((text, n) => [text, [n, { text }]])) })
  await react(ana, ben, second, '🎉')
  await react(ben, ana, second, '👍')
  await edit(ana, { ...third, chatId: ben.id }, 'an edited text')
  await remove(ben, ana, fourth, 'everyone')
  await delivered(ana, ben)
  await markRead(ben, ana, third)
  await delivered(ana, ben)
  await send(ana, ben, 'not delivered yet')
  return [ana, ben] as const
}

test('a message is the same by itself, in a page, and in the changes', async () => {
  for (const user of await conversation()) {
    const [peer] = (await chats(user)).items
    if (!peer) expect.fail('There is no chat')
    const { items } = await list(user, peer)
    expect(items.length).toBeGreaterThanOrEqual(2 * oddTexts.length)
    for (const item of items) expect(await get(user, peer, item)).toEqual(item)
    const byId = new Map((await changes(user)).messages.map((message) => [message.id, message]))
    for (const item of items) expect(byId.get(item.id)).toEqual(item)
  }
})

test('texts survive as they were sent', async () => {
  const [ana, ben] = await friends()
  for (const text of oddTexts) await send(ana, ben, text)
  const shown = (await list(ana, ben)).items.map(({ text }) => text).toReversed()
  expect(shown).toEqual(oddTexts)
})

test('a chat is the same by itself, in the list, and in the changes', async () => {
  const [ana, ben] = await conversation()
  const same = async (user: TestUser, peer: TestUser) => {
    const one = await chat(user, peer)
    for (const page of [(await chats(user)).items, (await changes(user)).chats])
      expect(page.find(({ id }) => id === peer.id)).toEqual(one)
    return one
  }
  for (const change of [{ pinned: true }, { archived: true }, { mutedUntil: null }, { markedUnread: true }]) {
    await ok('updateChat', { params: { chatId: ben.id }, body: change }, { as: ana })
    expect(await same(ana, ben)).toMatchObject(change)
  }
  await same(ben, ana)
})

test('a mute that has ended is told to nobody, whatever was read before', async () => {
  const [ana, ben] = await friends()
  await send(ben, ana, 'hello')
  await delivered(ana, ben)
  const mutedUntil = new Date(Date.now() + 600_000).toISOString()
  await ok('updateChat', { params: { chatId: ben.id }, body: { mutedUntil } }, { as: ana })
  expect((await chats(ana)).items[0]?.mutedUntil).toBe(mutedUntil)
  await later(601, async () => expect((await chats(ana)).items[0]?.mutedUntil).toBeNull())
})

test('a new name, a new picture, and a new link of a peer reach the list at once', async () => {
  const [ana, ben] = await friends()
  await send(ben, ana, 'hello')
  await delivered(ana, ben)
  const peer = async () => (await chats(ana)).items[0]?.peer
  expect(await peer()).toMatchObject({ firstName: null, avatarUrl: null })
  const headers = { 'Content-Type': 'image/png' }
  const { id: avatarFileId } = await ok<File>('uploadFile', { raw: png({ width: 8, height: 8 }), headers }, { as: ben })
  await ok('updateMe', { body: { firstName: 'Ben', avatarFileId } }, { as: ben })
  await delivered(ana, ben)
  const shown = await peer()
  expect(shown).toMatchObject({ firstName: 'Ben', avatarFileId })
  expect(await peer()).toEqual(shown)
  await later(limits.fileLinkStepSeconds, async () => {
    const { accessToken } = await ok<{ accessToken: string }>('refreshTokens', {
      body: { refreshToken: ana.refreshToken },
    })
    const { items } = await ok<Chats>('listChats', {}, { as: { accessToken } })
    expect(items[0]?.peer?.avatarUrl).not.toBe(shown?.avatarUrl)
  })
})
