// The users of the service whom the operations act for.
import type { Message } from '../schemas/message.ts'
import { attempt, obtain } from '../tests/suites/runtime/http.ts'
import type { Runtime } from '../tests/suites/runtime/runtime.ts'
import { type SignedInUser, signIn } from '../tests/suites/runtime/sign-in.ts'

/** As many users as there are connections at most: each sends to the next, so no two connections share a mailbox. */
const ringUsers = 64
/** Chats of the reader, and messages in the first of them: more than a page of each. */
const readerChats = 60
const readerMessages = 60
const atOnce = 8

/** What people write, more or less. */
const text = 'See you at the lighthouse at seven, bring a torch!'

export interface People {
  ring: SignedInUser[]
  /** Has more than a page of chats. */
  reader: SignedInUser
  /** The chat of the reader that has more than a page of messages. */
  longChatId: string
}

let numbersUsed = 0

/** The numbers of those who sign in, in that order. */
export const numberOf = (index: number) => `+49151${10_000_000 + index}`

/** A number that nobody has. */
export const freshNumber = () => numberOf(numbersUsed++)

export async function inBatches<Item, Result>(items: readonly Item[], work: (item: Item) => Promise<Result>) {
  const results: Result[] = []
  for (let start = 0; start < items.length; start += atOnce)
    results.push(...(await Promise.all(items.slice(start, start + atOnce).map(work))))
  return results
}

let messages = 0

/** The body of a new message, of constant length. */
export function newMessage() {
  const number = String(++messages).padStart(10, '0')
  return { clientMessageId: `bench-${number}`, text: `${text} ${number}` }
}

export const sendTo = ({ origin }: Runtime, from: SignedInUser, chatId: string) =>
  obtain<Message>(origin, 'POST', `/v1/chats/${chatId}/messages`, { token: from.token, body: newMessage() })

/** Makes the chat of two users one that neither of them sees as a request. */
export async function introduce(runtime: Runtime, from: SignedInUser, to: SignedInUser) {
  const { origin } = runtime
  await obtain(origin, 'PUT', `/v1/contacts/${from.id}`, { token: to.token, body: {} })
  await sendTo(runtime, from, to.id)
  // Retried until the message has arrived.
  for (;;) {
    const { ok } = await attempt(origin, 'GET', `/v1/chats/${from.id}`, { token: to.token, body: undefined })
    if (ok) return
  }
}

/** Signs everybody in, and has them write to each other. */
export async function gather(runtime: Runtime): Promise<People> {
  const numbers = Array.from({ length: ringUsers + 1 }, freshNumber)
  const [reader, ...ring] = await inBatches(numbers, (number) => signIn(runtime, number))
  const friend = ring[0]
  if (!reader || !friend) throw new Error('Nobody signed in')
  await inBatches(ring, (user) => introduce(runtime, user, ring[(ring.indexOf(user) + 1) % ring.length] ?? user))
  await inBatches(ring.slice(0, readerChats), (user) => introduce(runtime, user, reader))
  for (let n = 0; n < readerMessages; n++) {
    await sendTo(runtime, friend, reader.id)
  }
  return { ring, reader, longChatId: friend.id }
}
