import { evictDurableObject } from 'cloudflare:test'
import { expect, test } from 'vitest'
import type { Chat } from '../../schemas/chat'
import type { Message } from '../../schemas/message'
import { call, ok } from '../support/call'
import { delivered, edit, list, pair, send } from '../support/chat-calls'
import { inMailbox, stubOf } from '../support/delivery-faults'
import { connectLive } from '../support/socket'
import type { TestUser } from '../support/users'

/** Fewer than a socket may send in its window. */
const framesPerSocket = 50

/** Sends one message many times, half by concurrent calls and half over sockets. Returns the ids that come back. */
async function resend(user: TestUser, chatId: string, body: object, times: number): Promise<Set<string>> {
  const called = Array.from({ length: times / 2 }, async () => {
    const answer = await call<Message>('sendMessage', { params: { chatId }, body }, { as: user })
    expect(answer.status).toBe(200)
    return answer.body.id
  })
  const sockets = Array.from({ length: times / 2 / framesPerSocket }, async () => {
    const socket = await connectLive(user)
    const frame = { type: 'sendMessage', chatId, clientMessageId: '', ...body } as const
    const ids = []
    for (let n = 0; n < framesPerSocket; n++) {
      const answer = await socket.ask(frame)
      ids.push(answer.type === 'ack' ? answer.message?.id : answer.problem.code)
    }
    socket.close()
    return ids
  })
  const ids = [await Promise.all(called), ...(await Promise.all(sockets))].flat()
  expect(ids).toHaveLength(times)
  return new Set(ids.map(String))
}

test('a thousand retries over both transports, across an eviction, an edit and a clearing, create one message', async () => {
  const [alice, bob] = await pair()
  await send(alice, bob, 'opening')
  const body = { clientMessageId: 'once', text: 'hello' }
  const first = await ok<Message>('sendMessage', { params: { chatId: bob.id }, body }, { as: alice })
  const ids = [await resend(alice, bob.id, body, 300)]
  await evictDurableObject(stubOf(alice.id))
  ids.push(await resend(alice, bob.id, body, 200))
  await edit(alice, first, 'hello there')
  ids.push(await resend(alice, bob.id, body, 200))
  await delivered(alice, bob)
  await ok('clearChat', { params: { chatId: bob.id } }, { as: alice })
  await evictDurableObject(stubOf(alice.id))
  ids.push(await resend(alice, bob.id, body, 300))
  await delivered(alice, bob)

  for (const seen of ids) expect(seen).toEqual(new Set([first.id]))
  expect((await list(bob, alice)).items.map(({ text }) => text)).toEqual(['hello there', 'opening'])
  expect((await ok<Chat>('getChat', { params: { chatId: alice.id } }, { as: bob })).unreadCount).toBe(2)
  const retry = await ok<Message>('sendMessage', { params: { chatId: bob.id }, body }, { as: alice })
  // What was cleared says nothing anymore, to its author either.
  expect(retry).toMatchObject({ id: first.id, text: '', status: 'delivered' })
  for (const user of [alice, bob])
    expect(await inMailbox(user.id, 'SELECT count(*) AS messages FROM messages')).toEqual([{ messages: 2 }])
  expect((await list(alice, bob)).items).toEqual([])
})
