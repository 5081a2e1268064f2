import { expect, test } from 'vitest'
import type { Message } from '../../schemas/message'
import { ok, refused } from '../support/call'
import { delivered, send } from '../support/chat-calls'
import { inMailbox } from '../support/delivery-faults'
import { newUser } from '../support/users'

test('a user can write to fifty strangers a day; people who wrote first and existing chats do not count', async () => {
  const user = await newUser()
  const strangers = await Promise.all(Array.from({ length: 51 }, () => newUser()))
  const last = strangers.pop() ?? user
  const writer = await newUser()
  for (const stranger of strangers) await send(user, stranger, 'hello')

  const to = { params: { chatId: last.id }, body: { clientMessageId: 'first words', text: 'hello' } }
  for (let attempt = 0; attempt < 2; attempt++) {
    const { headers } = await refused('sendMessage', 'new_chats_exhausted', to, { as: user })
    const wait = Number(headers.get('Retry-After'))
    expect(wait).toBeGreaterThan(0)
    expect(wait).toBeLessThanOrEqual(86_400 / 50)
  }
  await delivered(user)
  expect(await inMailbox(last.id, 'SELECT count(*) AS messages FROM messages')).toEqual([{ messages: 0 }])

  for (const stranger of strangers.slice(0, 2)) await send(user, stranger, 'again')
  await send(user, user, 'a note to self')
  await send(writer, user, 'it is me')
  await delivered(writer)
  await send(user, writer, 'who?')

  await inMailbox(user.id, `UPDATE budgets SET at = at - 86400000 / 50 - 1000 WHERE name = 'newChats'`)
  expect((await ok<Message>('sendMessage', to, { as: user })).text).toBe('hello')
})
