// Checks on the state once everything has settled. Each returns examples of what is wrong.
import { isDeepStrictEqual } from 'node:util'
import type { Changes } from '../../../schemas/changes'
import type { Chat, UnreadCount } from '../../../schemas/chat'
import type { Message } from '../../../schemas/message'
import { ClientState, type View } from '../../support/client-state.ts'
import { totals } from '../runtime/http.ts'
import type { Finding } from '../runtime/suite.ts'
import type { Client, Sent } from './client.ts'

/**
 * What the lists show a user: the chats, the messages of those with one other user, oldest first, and the unread badge.
 * What groups hold is checked elsewhere.
 */
interface Shown {
  client: Client
  chats: Chat[]
  groups: Chat[]
  messages: Map<string, Message[]>
  badge: UnreadCount
}

interface UserView extends Shown {
  /** The pages that brought the client's own state up to date. */
  caughtUp: Changes[]
  fresh: ClientState
}

const byId = (a: { id: string }, b: { id: string }) => (a.id < b.id ? -1 : 1)

async function look(client: Client): Promise<Shown> {
  const all = await client.list<Chat>('/v1/chats')
  const groups = all.filter(({ kind }) => kind === 'group')
  const chats = all.filter(({ kind }) => kind !== 'group')
  const messages = new Map<string, Message[]>()
  for (const { id } of chats) messages.set(id, (await client.list<Message>(`/v1/chats/${id}/messages`)).reverse())
  return { client, chats, groups, messages, badge: await client.get<UnreadCount>('/v1/chats/unread-count') }
}

/** Reads everything, and builds a fresh full copy beside each client's own state. */
export const lookAtAll = (clients: Client[]): Promise<UserView[]> =>
  Promise.all(
    clients.map(async (client) => {
      const caughtUp = await client.sync()
      const fresh = new ClientState(client.id)
      await client.sync(fresh)
      return { ...(await look(client)), caughtUp, fresh }
    }),
  )

const viewOf = (views: UserView[], userId: string) => views.find(({ client }) => client.id === userId)

const held = (views: UserView[], userId: string, chatId: string): Message[] =>
  viewOf(views, userId)?.messages.get(chatId) ?? []

/** The part of a message that both sides of a chat must agree on. */
const shared = ({ clientMessageId, chatId, status, ...message }: Message) => message

const allSent = (views: UserView[]): { client: Client; sent: Sent }[] =>
  views.flatMap(({ client }) => [...client.sent.values()].map((sent) => ({ client, sent })))

interface Side {
  userId: string
  chatId: string
}

/** Sends that are missing, duplicated or not as last acknowledged, on the side that `sideOf` selects. */
function wronglyHeld(views: UserView[], sideOf: (userId: string, chatId: string) => Side): string[] {
  return allSent(views).flatMap(({ client, sent }) => {
    if (sent.id === null) return []
    const { userId, chatId } = sideOf(client.id, sent.chatId)
    const found = held(views, userId, chatId).filter(({ id }) => id === sent.id)
    const [message, ...others] = found
    const isRight =
      message && others.length === 0 && message.text === sent.text && (message.deletedAt !== null) === sent.isDeleted
    return isRight ? [] : [`${sent.body.clientMessageId} is there ${found.length} times: ${message?.text}`]
  })
}

const pairs = (views: UserView[]) =>
  views.flatMap(({ client, messages }) => [...messages.keys()].map((peerId) => ({ userId: client.id, peerId })))

type Check = (views: UserView[]) => string[]

const checks: Record<string, Check> = {
  'every acknowledged message is in the sender’s mailbox exactly once, as last acknowledged': (views) =>
    wronglyHeld(views, (userId, chatId) => ({ userId, chatId })),

  'every acknowledged message is in the recipient’s mailbox exactly once, as last acknowledged': (views) =>
    wronglyHeld(views, (userId, chatId) => ({ userId: chatId, chatId: userId })),

  'no message is there twice or without an acknowledgment': (views) => {
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

  'a reply never sorts before the message that it quotes': (views) =>
    views.flatMap(({ messages }) =>
      [...messages.values()]
        .flat()
        .flatMap(({ id, replyTo }) => (replyTo && replyTo.id >= id ? [`${id} quotes ${replyTo.id}`] : [])),
    ),

  'every message sent is delivered': (views) =>
    views.flatMap(({ messages }) =>
      [...messages.values()]
        .flat()
        .filter(({ status, undelivered }) => status === 'sent' || undelivered)
        .map(({ clientMessageId }) => `${clientMessageId} is not delivered`),
    ),

  'read marks are kept, and reach the peer': (views) =>
    views.flatMap(({ client, chats }) =>
      chats.flatMap(({ id, lastReadMessageId }) => {
        if (id === client.id) return []
        const peers = viewOf(views, id)?.chats.find((chat) => chat.id === client.id)
        if ((lastReadMessageId ?? '') < (client.readMarks.get(id) ?? '')) return [`${client.id} lost a mark in ${id}`]
        return peers?.readUpToMessageId === lastReadMessageId ? [] : [`${id} does not know what ${client.id} read`]
      }),
    ),

  'unread counts match a recount': (views) =>
    views.flatMap(({ client, chats, groups, messages, badge }) => {
      const inGroups = groups.map(({ unreadCount }) => unreadCount)
      const recounts = chats.map(({ id, lastReadMessageId }) => {
        const incoming = (messages.get(id) ?? []).filter(({ senderId }) => senderId !== client.id)
        return incoming.filter((message) => message.deletedAt === null && message.id > (lastReadMessageId ?? '')).length
      })
      const wrong = chats.filter(({ unreadCount }, index) => unreadCount !== recounts[index])
      const counts = [...recounts, ...inGroups]
      const figures = { messages: counts.reduce((sum, n) => sum + n, 0), chats: counts.filter(Boolean).length }
      // Nobody mutes or archives here.
      const badgeNow = { ...figures, withoutMuted: figures, complete: true }
      return [
        ...wrong.map(({ id, unreadCount }) => `${client.id} has ${unreadCount} unread from ${id}`),
        ...(isDeepStrictEqual(badge, badgeNow) ? [] : [`${client.id}: ${JSON.stringify({ badge, badgeNow })}`]),
      ]
    }),

  'a client that follows its cursor ends in the state of a fresh copy': (views) =>
    views.flatMap(({ client, fresh }) => difference(client.id, client.state.view(), fresh.view())),

  'a socket that resumes ends in the state of a fresh copy': (views) =>
    views.flatMap(({ client, fresh }) => difference(client.id, client.socket.state.view(), fresh.view())),

  'the lists show the state of a fresh copy': (views) =>
    views.flatMap(({ client, chats, groups, messages, fresh }) =>
      difference(client.id, fresh.view(), {
        chats: [...chats, ...groups].toSorted(byId),
        messages: [...messages.values()].flat().sort(byId),
      }),
    ),

  'no change arrives twice': (views) =>
    views.flatMap(({ client, caughtUp }) => {
      const ids = caughtUp.flatMap(({ messages, chats }) => [...messages, ...chats].map(({ id }) => id))
      return new Set(ids).size === ids.length ? [] : [`${client.id} received a change twice`]
    }),

  'a retry, however late, returns the message that it created': (views) =>
    views.flatMap(({ client }) => client.wrongRetries.map((wrong) => JSON.stringify(wrong))),

  'a running service answers as documented': () => totals.unexpected,
}

type Listed = Pick<View, 'chats' | 'messages'>

function difference(who: string, got: Listed, wanted: Listed): string[] {
  for (const kind of ['chats', 'messages'] as const) {
    const at = wanted[kind].findIndex((item, index) => !isDeepStrictEqual(item, got[kind][index]))
    if (at !== -1) return [`${who}: ${JSON.stringify(got[kind][at])} is ${JSON.stringify(wanted[kind][at])}`]
    if (got[kind].length !== wanted[kind].length) return [`${who} has ${kind} that no longer exist`]
  }
  return []
}

/** Runs all checks. */
export const findings = (views: UserView[]): Finding[] =>
  Object.entries(checks).map(([name, check]) => ({ name, wrong: check(views) }))
