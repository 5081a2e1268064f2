// Checks on the final state. Each returns examples of what is wrong.
import { isDeepStrictEqual } from 'node:util'
import type { Block } from '../../../schemas/block'
import type { Chat } from '../../../schemas/chat'
import type { Contact } from '../../../schemas/contact'
import type { Message } from '../../../schemas/message'
import type { Sessions } from '../../../schemas/session'
import type { Me } from '../../../schemas/user'
import { ClientState, type View } from '../../support/client-state.ts'
import type { Finding } from '../runtime/suite.ts'
import type { Author } from './author.ts'
import type { Client } from './client.ts'
import type { People } from './people.ts'

const byId = (a: { id: string }, b: { id: string }) => (a.id < b.id ? -1 : 1)
const byUser = (a: { userId: string }, b: { userId: string }) => (a.userId < b.userId ? -1 : 1)

/** What the lists show a user. */
async function look(client: Client): Promise<View> {
  const chats = (await client.list<Chat>('/v1/chats')).sort(byId)
  const messages: Message[] = []
  for (const { id } of chats) messages.push(...(await client.list<Message>(`/v1/chats/${id}/messages`)))
  const contacts = (await client.list<Contact>('/v1/contacts')).sort(byUser)
  const blocks = (await client.list<Block>('/v1/blocks')).sort(byUser)
  const sessions = (await client.get<Sessions>('/v1/sessions')).items.sort(byId)
  return { chats, messages: messages.sort(byId), contacts, blocks, sessions, me: await client.get<Me>('/v1/me') }
}

async function freshState(client: Client): Promise<ClientState> {
  const state = new ClientState(client.id)
  await state.sync(async (cursor) => (await client.changes(cursor)).changes)
  return state
}

/** What the lists show both users, and a full copy of Ana's state. */
interface Looks {
  shown: View
  fresh: ClientState
  shownToBen: View
}

export async function lookAtAll({ ana, ben }: People): Promise<Looks> {
  const [shown, fresh, shownToBen] = [await look(ana), await freshState(ana), await look(ben)]
  return { shown, fresh, shownToBen }
}

const kinds = ['chats', 'messages', 'contacts', 'blocks', 'sessions'] as const

function difference(got: View, wanted: View): string[] {
  for (const kind of kinds) {
    const [items, wantedItems]: [unknown[], unknown[]] = [got[kind], wanted[kind]]
    if (isDeepStrictEqual(items, wantedItems)) continue
    const at = Array.from({ length: Math.max(items.length, wantedItems.length) }).findIndex(
      (_, index) => !isDeepStrictEqual(wantedItems[index], items[index]),
    )
    return [`${kind}, ${items.length} for ${wantedItems.length}: ${divergence(items[at], wantedItems[at])}`]
  }
  return isDeepStrictEqual(got.me, wanted.me) ? [] : [`me: ${divergence(got.me, wanted.me)}`]
}

const excerpt = (text: string | undefined) => JSON.stringify(text)?.slice(0, 300)

/** Two items, from shortly before they differ. */
function divergence(got: unknown, wanted: unknown): string {
  const [a, b] = [JSON.stringify(got) ?? '', JSON.stringify(wanted) ?? '']
  let at = 0
  while (at < b.length && a[at] === b[at]) at++
  const around = Math.max(0, at - 40)
  const [, id] = /"(?:id|userId)":"(.*?)"/.exec(b || a) ?? []
  return `${id}: …${a.slice(around, around + 120)}… is …${b.slice(around, around + 120)}…`
}

/** A state without the chats that the list omits because they have no message. */
const listed = ({ chats, ...rest }: View): View => ({
  ...rest,
  chats: chats.filter(({ lastMessage }) => lastMessage !== null),
})

/** Messages that a side of the chat shows differently from what was acknowledged to their authors. */
function wronglyShown({ messages }: View, { userId, authors }: { userId: string; authors: Author[] }): string[] {
  const held = new Map(messages.map((message) => [message.id, message]))
  return authors
    .flatMap((author) => [
      ...author.messages.filter(({ id, text }) => held.get(id)?.text !== text),
      ...author.deleted.filter(({ id }) => (held.get(id)?.deletedAt ?? null) === null),
      ...author.hidden.filter(({ id, text }) =>
        author.userId === userId ? held.has(id) : held.get(id)?.text !== text,
      ),
    ])
    .map(({ id, text }) => `${id}: ${excerpt(held.get(id)?.text)} is ${excerpt(text)}`)
}

/** The states of Ana's two devices. */
export interface Devices {
  people: People
  overRest: ClientState
  overSocket: ClientState
}

/** The devices must agree with the lists. */
export const stateFindings = ({ shown, fresh, shownToBen }: Looks, { overRest, overSocket, people }: Devices) =>
  findings({
    'a device that resumes over REST ends in the state of a fresh copy': difference(overRest.view(), fresh.view()),
    'a device that resumes over the WebSocket ends in the state of a fresh copy': difference(
      overSocket.view(),
      fresh.view(),
    ),
    'the lists show the state of a fresh copy': difference(listed(fresh.view()), shown),
    'the lists show what was acknowledged': wronglyShown(shown, {
      userId: people.ana.id,
      authors: [...people.chatting, ...people.noting],
    }),
    'the peer’s lists show what was acknowledged': wronglyShown(shownToBen, {
      userId: people.ben.id,
      authors: people.chatting,
    }),
  })

export const findings = (checks: Record<string, string[]>): Finding[] =>
  Object.entries(checks).map(([name, wrong]) => ({ name, wrong }))

/** A check of a single condition. */
export const unless = (holds: boolean, what: string): string[] => (holds ? [] : [what])
