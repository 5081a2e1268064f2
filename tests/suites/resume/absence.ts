// What happens while Ana's two devices are offline.
import { setTimeout as sleep } from 'node:timers/promises'
import type { Chat } from '../../../schemas/chat'
import type { Random } from '../../support/random.ts'
import type { Author } from './author.ts'
import type { Client } from './client.ts'
import { limits } from './limits.ts'
import type { People } from './people.ts'
import { textOf } from './texts.ts'

const clearedMessages = 60

/** Runs the authors in parallel until they have written a number of messages and changed one for every ten. */
async function write(authors: Author[], messages: number) {
  let left = messages
  const run = async (author: Author) => {
    while (left-- > 0) {
      await author.send()
      if (left % 10 === 0) await author.changeOne()
    }
  }
  await Promise.all(authors.map(run))
}

export interface Amount {
  messages: number
  notes: number
}

export const writeMessages = ({ chatting, noting }: People, { messages, notes }: Amount) =>
  Promise.all([write(chatting, messages), write(noting, notes)])

/** Changes everything but the messages of the chat: other chats, a clear, contacts, blocks, settings, the profile. */
export async function changeTheRest({ ana, ben, crowd, chatting }: People, draw: Random) {
  const [cleo, dan, ...others] = crowd
  const [eve] = others
  const say = (client: Client, n: string | number, text: string) =>
    client.call('POST', `/v1/chats/${ana.id}/messages`, { clientMessageId: `crowd-${n}`, text })
  for (let n = 0; n < clearedMessages; n++) await say(cleo, n, textOf(draw, 'latin', 300))
  await untilThere(ana, cleo, clearedMessages)
  await ana.call('DELETE', `/v1/chats/${cleo.id}`)
  await say(cleo, 'after', 'This comes after the clear.')
  await Promise.all(others.map((other) => say(other, 'longest', textOf(draw, 'controls', limits.textCharactersMax))))
  await Promise.all(crowd.map(({ id }, n) => ana.call('PUT', `/v1/contacts/${id}`, { name: `Contact ${n}` })))
  await Promise.all(others.slice(0, 5).map(({ id }) => ana.call('DELETE', `/v1/contacts/${id}`)))
  await Promise.all([dan, eve].map(({ id }) => ana.call('PUT', `/v1/blocks/${id}`)))
  await ana.call('DELETE', `/v1/blocks/${eve.id}`)
  await ana.call('PATCH', `/v1/chats/${ben.id}`, { pinned: true, markedUnread: true })
  await ana.call('PATCH', '/v1/me', { firstName: 'Ana', about: 'Away' })
  const newest = chatting.find(({ userId }) => userId === ben.id)?.messages.at(-1)
  if (!newest) throw new Error('Ben has not written anything')
  await untilHeld(ana, ben.id, newest.id)
  await ana.call('PUT', `/v1/chats/${ben.id}/read`, { upToMessageId: newest.id })
}

async function untilThere(client: Client, { id }: Client, count: number) {
  while ((await client.list<Chat>('/v1/chats')).find((chat) => chat.id === id)?.unreadCount !== count) await sleep(100)
}

/** Waits until a peer's message is delivered; until then it is not found. */
async function untilHeld(client: Client, chatId: string, messageId: string) {
  const isHeld = () =>
    client.get(`/v1/chats/${chatId}/messages/${messageId}`).then(
      () => true,
      () => false,
    )
  while (!(await isHeld())) await sleep(100)
}
