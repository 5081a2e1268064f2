// What must hold once everything has come to rest. Each check answers with what is wrong, by way of example.
import { isDeepStrictEqual } from 'node:util'
import { Copy } from '../runtime/copy.ts'
import { totals } from '../runtime/http.ts'

const byId = (a, b) => (a.id < b.id ? -1 : 1)

/** What a user is shown: the chats, the messages of each oldest first, the badge. */
async function look(client) {
  const chats = await client.list('/v1/chats')
  const messages = new Map()
  for (const { id } of chats) messages.set(id, (await client.list(`/v1/chats/${id}/messages`)).reverse())
  return { client, chats, messages, badge: await client.get('/v1/chats/unread-count') }
}

/** Looks at everything, with a fresh copy beside the running one. */
export const lookAtAll = (clients) =>
  Promise.all(
    clients.map(async (client) => {
      const caughtUp = await client.sync()
      const fresh = new Copy()
      await client.sync(fresh)
      return { ...(await look(client)), caughtUp, fresh }
    }),
  )

const held = (views, userId, chatId) => views.find(({ client }) => client.id === userId).messages.get(chatId) ?? []

/** What both sides of a chat must agree on. */
const shared = ({ clientMessageId, chatId, status, ...message }) => message

const allSent = (views) => views.flatMap(({ client }) => [...client.sent.values()].map((sent) => ({ client, sent })))

/** Sends that are not there once, as their sender last had it acknowledged; `sideOf` gives whose view is looked at. */
function wronglyHeld(views, sideOf) {
  return allSent(views).flatMap(({ client, sent }) => {
    if (sent.id === null) return []
    const { userId, chatId } = sideOf(client.id, sent.chatId)
    const found = held(views, userId, chatId).filter(({ id }) => id === sent.id)
    const isRight =
      found.length === 1 && found[0].text === sent.text && (found[0].deletedAt !== null) === sent.isDeleted
    return isRight ? [] : [`${sent.body.clientMessageId} is there ${found.length} times: ${found[0]?.text}`]
  })
}

const pairs = (views) =>
  views.flatMap(({ client, messages }) => [...messages.keys()].map((peerId) => ({ userId: client.id, peerId })))

const checks = {
  'every acknowledged message is in its sender’s mailbox once, as last acknowledged': (views) =>
    wronglyHeld(views, (userId, chatId) => ({ userId, chatId })),

  'and in its recipient’s': (views) => wronglyHeld(views, (userId, chatId) => ({ userId: chatId, chatId: userId })),

  'nothing is there that was not acknowledged, or twice': (views) => {
    const acknowledged = new Set(allSent(views).map(({ sent }) => sent.id))
    const shown = views.flatMap(({ messages }) => [...messages.values()].flat())
    const strangers = shown.filter(({ id }) => !acknowledged.has(id)).map(({ id, text }) => `${id} ${text}`)
    const own = shown.filter(({ clientMessageId }) => clientMessageId !== null)
    const doubled = [...Map.groupBy(own, ({ clientMessageId }) => clientMessageId)].filter(([, all]) => all.length > 1)
    return [...strangers, ...doubled.map(([clientMessageId]) => `${clientMessageId} is there twice`)]
  },

  'both sides of a chat show the same messages in the same order': (views) =>
    pairs(views).flatMap(({ userId, peerId }) => {
      const own = held(views, userId, peerId).map(shared)
      const peers = held(views, peerId, userId).map(shared)
      const at = own.findIndex((message, index) => !isDeepStrictEqual(message, peers[index]))
      if (at === -1 && own.length === peers.length) return []
      return [`${userId} and ${peerId}: ${JSON.stringify(own[at])} is ${JSON.stringify(peers[at])}`]
    }),

  'an answer never sorts before what it answers': (views) =>
    views.flatMap(({ messages }) =>
      [...messages.values()]
        .flat()
        .filter(({ id, replyTo }) => replyTo && replyTo.id >= id)
        .map(({ id, replyTo }) => `${id} answers ${replyTo.id}`),
    ),

  'nothing is due: every message sent is delivered': (views) =>
    views.flatMap(({ messages }) =>
      [...messages.values()]
        .flat()
        .filter(({ status, undelivered }) => status === 'sent' || undelivered)
        .map(({ clientMessageId }) => `${clientMessageId} is only sent`),
    ),

  'read marks hold, and the peer has them': (views) =>
    views.flatMap(({ client, chats }) =>
      chats.flatMap(({ id, lastReadMessageId }) => {
        if (id === client.id) return []
        const peers = views.find((view) => view.client.id === id).chats.find((chat) => chat.id === client.id)
        if ((lastReadMessageId ?? '') < (client.readMarks.get(id) ?? '')) return [`${client.id} lost a mark in ${id}`]
        return peers?.readUpToMessageId === lastReadMessageId ? [] : [`${id} does not know what ${client.id} read`]
      }),
    ),

  'unread counts equal a recount': (views) =>
    views.flatMap(({ client, chats, messages, badge }) => {
      const recounts = chats.map(({ id, lastReadMessageId }) => {
        const incoming = messages.get(id).filter(({ senderId }) => senderId !== client.id)
        return incoming.filter((message) => message.deletedAt === null && message.id > (lastReadMessageId ?? '')).length
      })
      const wrong = chats.filter(({ unreadCount }, index) => unreadCount !== recounts[index])
      const badgeNow = { messages: recounts.reduce((sum, n) => sum + n, 0), chats: recounts.filter(Boolean).length }
      return [
        ...wrong.map(({ id, unreadCount }) => `${client.id} has ${unreadCount} unread from ${id}`),
        ...(isDeepStrictEqual(badge, badgeNow) ? [] : [`${client.id}: ${JSON.stringify({ badge, badgeNow })}`]),
      ]
    }),

  'a running cursor has led to the state of a fresh copy': (views) =>
    views.flatMap(({ client, fresh }) => difference(client.id, client.copy.state(), fresh.state())),

  'and so has a socket that resumes': (views) =>
    views.flatMap(({ client, fresh }) => difference(client.id, client.socket.copy.state(), fresh.state())),

  'which is what the lists show': (views) =>
    views.flatMap(({ client, chats, messages, fresh }) =>
      difference(client.id, fresh.state(), {
        chats: chats.toSorted(byId),
        messages: [...messages.values()].flat().sort(byId),
      }),
    ),

  'no change came twice': (views) =>
    views.flatMap(({ client, caughtUp }) => {
      const ids = caughtUp.flatMap(({ messages, chats }) => [...messages, ...chats].map(({ id }) => id))
      return new Set(ids).size === ids.length ? [] : [`${client.id} was told something twice`]
    }),

  'a retry, however late, is answered with the message it made': (views) =>
    views.flatMap(({ client }) => client.misrepeated.map((wrong) => JSON.stringify(wrong))),

  'a runtime that is up answers as documented': () => totals.unexpected,
}

function difference(who, got, wanted) {
  for (const kind of ['chats', 'messages']) {
    const at = wanted[kind].findIndex((item, index) => !isDeepStrictEqual(item, got[kind][index]))
    if (at !== -1) return [`${who}: ${JSON.stringify(got[kind][at])} is ${JSON.stringify(wanted[kind][at])}`]
    if (got[kind].length !== wanted[kind].length) return [`${who} has ${kind} that are no more`]
  }
  return []
}

/** What each check found wrong. */
export const findings = (views) => Object.entries(checks).map(([name, check]) => ({ name, wrong: check(views) }))
