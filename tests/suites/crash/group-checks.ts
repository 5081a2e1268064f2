// Checks on the groups once everything has settled. Each returns examples of what is wrong.
import { isDeepStrictEqual } from 'node:util'
import type { Chat } from '../../../schemas/chat'
import type { GroupMemberShown } from '../../../schemas/group'
import type { Message } from '../../../schemas/message'
import { GroupCopy } from '../../support/group-copy.ts'
import type { Finding } from '../runtime/suite.ts'
import type { CrashGroup, GroupLife } from './group-life.ts'

/** What a member of a group is shown. */
interface GroupView {
  life: GroupLife
  group: CrashGroup
  /** Oldest first. */
  messages: Message[]
  members: GroupMemberShown[]
  chat: Chat
  /** The chat as the list of chats shows it. */
  listed: Chat | undefined
  fresh: GroupCopy
}

interface Look {
  lives: GroupLife[]
  views: GroupView[]
  /** Those who are not in a group, with what their devices still hold of it. */
  outside: { life: GroupLife; group: CrashGroup; held: boolean }[]
}

async function lookAt(life: GroupLife, group: CrashGroup, listed: Chat[]): Promise<GroupView | null> {
  const { client } = life
  const { id } = group
  const found = await client.call<Chat>('GET', `/v1/chats/${id}`, { expected: [200, 404] })
  if (!found.ok) return null
  const fresh = new GroupCopy(client.id)
  const page = await client.groups.fetch(id, undefined)
  if (page && page !== 'out') fresh.take(page)
  return {
    ...{ life, group, fresh, chat: found.body, listed: listed.find((chat) => chat.id === id) },
    messages: (await client.list<Message>(`/v1/chats/${id}/messages`)).reverse(),
    members: await client.list<GroupMemberShown>(`/v1/groups/${id}/members`),
  }
}

export async function lookAtGroups(lives: GroupLife[]): Promise<Look> {
  const look: Look = { lives, views: [], outside: [] }
  await Promise.all(
    lives.map(async (life) => {
      const { client, groups } = life
      await client.sync()
      await Promise.all([client.groups.catchUp(), client.socket.groups.catchUp()])
      const listed = await client.list<Chat>('/v1/chats')
      for (const group of groups) {
        const view = await lookAt(life, group, listed)
        const held = [client.groups, client.socket.groups].some(({ copies }) => copies.has(group.id))
        if (view) look.views.push(view)
        else look.outside.push({ life, group, held })
      }
    }),
  )
  return look
}

/** What all members see alike. */
const shared = ({ clientMessageId: _, status: _status, reactions, ...message }: Message) => ({
  ...message,
  reactions: reactions.map(({ own: _own, ...reaction }) => reaction),
})

/** Numbers of what concerns others alone are in no copy that has not asked since. */
const alike = ({ version: _, updatedAt: _updatedAt, ...chat }: Chat) => chat

const ownersOf = ({ views }: Look) => views.filter(({ life, group }) => group.owner === life.client)

function differs(who: string, got: readonly unknown[], wanted: readonly unknown[]): string[] {
  const at = wanted.findIndex((item, index) => !isDeepStrictEqual(item, got[index]))
  if (at !== -1) return [`${who}: ${JSON.stringify(got[at])} is ${JSON.stringify(wanted[at])}`]
  return got.length === wanted.length ? [] : [`${who} has ${got.length} of ${wanted.length}`]
}

/** A device against everything that the lists show, from its last fresh start on. */
function wrongCopy(what: string, copy: GroupCopy | undefined, { life, messages, members, chat }: GroupView): string[] {
  const who = `${what} of ${life.client.id} in ${chat.id}`
  const held = copy?.shown()
  if (!copy || !held?.chat) return [`${who} holds nothing`]
  return [
    ...differs(
      who,
      held.messages,
      messages.filter(({ id }) => id >= copy.from),
    ),
    ...differs(who, held.members, members),
    ...differs(who, [alike(held.chat)], [alike(chat)]),
  ]
}

type Check = (look: Look) => string[]

const checks: Record<string, Check> = {
  'every acknowledged message of a group is in it exactly once, as last acknowledged': (look) =>
    ownersOf(look).flatMap(({ group, messages }) =>
      look.lives.flatMap(({ sent }) =>
        sent.flatMap(({ groupId, id, texts, isDeleted, clientMessageId }) => {
          if (groupId !== group.id || id === null) return []
          const [message, ...others] = messages.filter((one) => one.id === id)
          const isGone = message?.deletedAt !== null
          const isRight = isGone ? isDeleted !== false : texts.includes(message.text) && isDeleted !== true
          return message && others.length === 0 && isRight ? [] : [`${clientMessageId}: ${JSON.stringify(message)}`]
        }),
      ),
    ),

  'no message of a group is there twice, or was never sent': (look) =>
    ownersOf(look).flatMap(({ group, messages }) => {
      const sent = look.lives.flatMap((life) => life.sent.filter(({ groupId }) => groupId === group.id))
      const acknowledged = new Set(sent.map(({ id }) => id))
      const unknown = new Set(sent.filter(({ id }) => id === null).flatMap(({ texts }) => texts))
      const written = messages.filter(({ event, deletedAt }) => event === null && deletedAt === null)
      const strangers = written.filter(({ id, text }) => !acknowledged.has(id) && !unknown.has(text))
      const originals = written.filter(({ text }) => !text.startsWith('edited')).map(({ text }) => text)
      return [
        ...strangers.map(({ id, text }) => `${id} ${text}`),
        ...(new Set(originals).size === originals.length ? [] : ['a text is there twice']),
      ]
    }),

  'all members of a group see the same messages in the same order': (look) =>
    look.views.flatMap(({ life, group, messages }) => {
      const owners = look.views.find((one) => one.group === group && one.life.client === group.owner)
      return differs(life.client.id, messages.map(shared), (owners?.messages ?? []).map(shared))
    }),

  'members are those whom the last acknowledged calls made members': (look) =>
    [...look.views.map((one) => ({ ...one, isIn: true })), ...look.outside.map((one) => ({ ...one, isIn: false }))]
      .filter(({ life, group }) => group.owner !== life.client)
      .flatMap(({ life: { client }, group, isIn }) => {
        const { last, leftAt } = group.calls.get(client.id) ?? { last: null, leftAt: 0 }
        if (last === null || leftAt >= last.startedAt || last.added === isIn) return []
        return [`${client.id} is ${isIn ? '' : 'not '}in ${group.id}`]
      }),

  'reactions in groups are those that were acknowledged': (look) =>
    ownersOf(look).flatMap(({ messages }) =>
      messages.flatMap(({ id, deletedAt, reactions }) =>
        look.lives.flatMap(({ client, reactions: acknowledged }) => {
          const isOn = acknowledged.get(id) ?? null
          const isShown = reactions.some(({ userIds }) => userIds.includes(client.id))
          if (deletedAt !== null || isOn === null || isOn === isShown) return []
          return [`${client.id} ${isOn ? 'reacts' : 'does not react'} to ${id}: ${JSON.stringify(reactions)}`]
        }),
      ),
    ),

  'read marks of groups are kept': ({ views }) =>
    views.flatMap(({ life, chat }) =>
      (chat.lastReadMessageId ?? '') < (life.readMarks.get(chat.id) ?? '')
        ? [`${life.client.id} lost a mark in ${chat.id}`]
        : [],
    ),

  'unread counts of groups match a recount': ({ views }) =>
    views.flatMap(({ life, chat, messages }) => {
      const unread = messages.filter(
        ({ id, senderId, deletedAt, event }) =>
          id > (chat.lastReadMessageId ?? '') && senderId !== life.client.id && deletedAt === null && event === null,
      )
      return unread.length === chat.unreadCount
        ? []
        : [`${life.client.id} has ${chat.unreadCount} unread in ${chat.id}, recounted ${unread.length}`]
    }),

  'the list of chats shows each group as it is': ({ views }) =>
    views.flatMap(({ life, listed, chat }) =>
      differs(`The list of ${life.client.id}`, listed ? [alike(listed)] : [], [alike(chat)]),
    ),

  'a client that follows a group’s changes holds what it shows': ({ views }) =>
    views.flatMap((view) => wrongCopy('The client', view.life.client.groups.copies.get(view.group.id), view)),

  'a socket that resumes holds what a group shows': ({ views }) =>
    views.flatMap((view) => wrongCopy('The socket', view.life.client.socket.groups.copies.get(view.group.id), view)),

  'a fresh copy of a group is what it shows': ({ views }) =>
    views.flatMap((view) => wrongCopy('A fresh copy', view.fresh, view)),

  'nobody holds anything of a group that they are not in': ({ outside }) =>
    outside.filter(({ held }) => held).map(({ life, group }) => `${life.client.id} holds ${group.id}`),
}

/** Runs all checks. */
export const groupFindings = (look: Look): Finding[] =>
  Object.entries(checks).map(([name, check]) => ({ name, wrong: check(look) }))
