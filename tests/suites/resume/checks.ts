// What must hold in the end. Each check answers with what is wrong, by way of example.
import { isDeepStrictEqual } from 'node:util'
import { Copy } from '../runtime/copy.ts'
import { limits } from './limits.ts'

const byId = (a, b) => (a.id < b.id ? -1 : 1)
const byUser = (a, b) => (a.userId < b.userId ? -1 : 1)

/** What a user is shown by the lists. */
async function look(client) {
  const chats = (await client.list('/v1/chats')).sort(byId)
  const messages = []
  for (const { id } of chats) messages.push(...(await client.list(`/v1/chats/${id}/messages`)))
  const contacts = (await client.list('/v1/contacts')).sort(byUser)
  const blocks = (await client.list('/v1/blocks')).sort(byUser)
  const sessions = (await client.get('/v1/sessions')).items.sort(byId)
  return { chats, messages: messages.sort(byId), contacts, blocks, sessions, me: await client.get('/v1/me') }
}

async function freshCopy(client) {
  const copy = new Copy()
  for (let hasMore = true; hasMore; ) {
    const { changes } = await client.changes(copy.cursor)
    copy.apply(changes)
    hasMore = changes.hasMore
  }
  return copy
}

export async function lookAtAll({ ana, ben }) {
  const [shown, fresh, shownToBen] = [await look(ana), await freshCopy(ana), await look(ben)]
  return { shown, fresh, shownToBen }
}

function difference(got, wanted) {
  for (const kind of Object.keys(wanted)) {
    if (isDeepStrictEqual(got[kind], wanted[kind])) continue
    if (!Array.isArray(wanted[kind])) return [`${kind}: ${parted(got[kind], wanted[kind])}`]
    const at = Array.from({ length: Math.max(got[kind].length, wanted[kind].length) }).findIndex(
      (_, index) => !isDeepStrictEqual(wanted[kind][index], got[kind][index]),
    )
    return [`${kind}, ${got[kind].length} for ${wanted[kind].length}: ${parted(got[kind][at], wanted[kind][at])}`]
  }
  return []
}

const excerpt = (item) => JSON.stringify(item)?.slice(0, 300)

/** Two items from shortly before they part. */
function parted(got, wanted) {
  const [a, b] = [JSON.stringify(got) ?? '', JSON.stringify(wanted) ?? '']
  let at = 0
  while (at < b.length && a[at] === b[at]) at++
  const [around, id] = [Math.max(0, at - 40), wanted?.id ?? got?.id]
  return `${id}: …${a.slice(around, around + 120)}… is …${b.slice(around, around + 120)}…`
}

/** The chats of a copy that the list has: those with something to see. */
const listed = ({ chats, ...state }) => ({ ...state, chats: chats.filter(({ lastMessage }) => lastMessage !== null) })

/** Whether a side shows the messages of the chat as their authors had them acknowledged. */
function wronglyShown({ messages }, { userId, authors }) {
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

/** What the copies and the lists must agree on. */
export const stateFindings = ({ shown, fresh, shownToBen }, { overRest, overSocket, people }) =>
  findings({
    'who resumed over REST holds exactly what a fresh full copy gives': difference(overRest.state(), fresh.state()),
    'who resumed over the WebSocket does, too': difference(overSocket.state(), fresh.state()),
    'which is what the lists show': difference(listed(fresh.state()), shown),
    'and what was acknowledged': wronglyShown(shown, {
      userId: people.ana.id,
      authors: [...people.chatting, ...people.noting],
    }),
    'to the peer as well': wronglyShown(shownToBen, { userId: people.ben.id, authors: people.chatting }),
  })

export const findings = (checks) => Object.entries(checks).map(([name, wrong]) => ({ name, wrong }))

/** A check of one number. */
export const unless = (holds, what) => (holds ? [] : [what])

/**
 * A page holds about a megabyte of rows. It ends between two numbers of the mailbox: a chat and the message that
 * changed it share one, so that either may come on top, each with two texts of the greatest length, its own and the one
 * it quotes. In JSON a character has at most six bytes.
 */
export const pageBytesMax = 2 ** 20 + 2 * 6 * limits.textCharactersMax + 8 * 2 ** 10
/** And so one row more than asked. */
export const pageRowsMax = limits.pageRowsMax + 1
