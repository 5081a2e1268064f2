import { evictDurableObject, runDurableObjectAlarm, runInDurableObject } from 'cloudflare:test'
import { env } from 'cloudflare:workers'
import { expect, test, vi } from 'vitest'
import type { Chat, Chats } from '../../schemas/chat'
import type { GroupChanges } from '../../schemas/group-changes'
import type { Message, Messages } from '../../schemas/message'
import { call, ok } from '../support/call'
import { befriend } from '../support/chat-calls'
import {
  type Fault,
  HungCalls,
  interceptCalls,
  type MailboxCall,
  makeWithFault,
  stubOf,
} from '../support/delivery-faults'
import { changesOf, groupOf, type TestGroup } from '../support/group-calls'
import { type Random, random } from '../support/random'
import { sized } from '../support/run-size'
import type { TestUser } from '../support/users'

/**
 * Random histories of a group in which calls between its object and the mailboxes fail in every way, and objects are
 * evicted. Afterwards, once every alarm has rung, each device has exactly what the group holds for its user, whatever
 * cursor it had, and nothing is owed.
 */

const { VITE_GROUP_RUNS, VITE_GROUP_SEED } = import.meta.env
const runs = Number(VITE_GROUP_RUNS ?? sized(3, 15))
const firstSeed = Number(VITE_GROUP_SEED ?? 20_261_130)
const phases = 8
const commandsPerPhase = 8

/** A device that follows the changes of the group by its cursor, and polls its chats. */
class Device {
  readonly user: TestUser
  readonly messages = new Map<string, Message>()
  readonly members = new Map<string, boolean>()
  cursor: string | undefined
  /** The oldest message of the last fresh start: older ones are loaded by pages, which this device does not do. */
  from = ''
  chat: Chat | undefined

  constructor(user: TestUser) {
    this.user = user
  }

  async poll(group: TestGroup) {
    for (let hasMore = true; hasMore; ) {
      const params = { groupId: group.id }
      const { status, body } = await call<GroupChanges>(
        'listGroupChanges',
        { params, query: { cursor: this.cursor, limit: 5 } },
        { as: this.user },
      )
      if (status === 404) return this.forget()
      if (status !== 200) return
      this.take(body)
      hasMore = body.hasMore
    }
  }

  take({ reset, messages, removed, members, chat, cursor }: GroupChanges) {
    if (reset) {
      this.forget()
      this.from = messages.map(({ id }) => id).toSorted()[0] ?? ''
    }
    for (const message of messages) if (message.id >= this.from) this.messages.set(message.id, message)
    for (const { messageId } of removed) this.messages.delete(messageId)
    for (const { user, left } of members) this.members.set(user.id, !left)
    const clearedUpTo = chat.clearedUpTo?.own ?? ''
    for (const id of this.messages.keys()) if (id <= clearedUpTo) this.messages.delete(id)
    this.chat = chat
    this.cursor = cursor
  }

  forget() {
    this.messages.clear()
    this.members.clear()
    this.cursor = undefined
    this.from = ''
    this.chat = undefined
  }
}

interface World {
  group: TestGroup
  users: TestUser[]
  devices: Device[]
  choose: Random
}

const anyMessage = async ({ group, choose }: World, as: TestUser): Promise<Message | undefined> => {
  const { status, body } = await call<Messages>(
    'listMessages',
    { params: { chatId: group.id }, query: { limit: 8 } },
    { as },
  )
  const written =
    status === 200 ? body.items.filter(({ event, deletedAt }) => event === null && deletedAt === null) : []
  return written.length > 0 ? choose.pick(written) : undefined
}

const onMessage = async (world: World, as: TestUser, operation: string, input: object = {}) => {
  const message = await anyMessage(world, as)
  const params = { chatId: world.group.id, groupId: world.group.id, messageId: message?.id ?? '', emoji: '👍' }
  if (message) await call(operation, { params, ...input }, { as })
}

/** What the users do. What is refused, or fails, has done nothing that they rely on. */
const commands: Record<string, { weight: number; run: (world: World, as: TestUser) => Promise<unknown> }> = {
  send: {
    weight: 24,
    run: ({ group, choose, users }, as) => {
      const mentions = choose.below(4) === 0 ? [choose.pick(users).id] : []
      const body = { clientMessageId: crypto.randomUUID(), text: `m${choose.below(1_000)}`, mentions }
      return call('sendMessage', { params: { chatId: group.id }, body }, { as })
    },
  },
  edit: { weight: 6, run: (world, as) => onMessage(world, as, 'editMessage', { body: { text: 'edited' } }) },
  react: { weight: 6, run: (world, as) => onMessage(world, as, 'addReaction') },
  unreact: { weight: 3, run: (world, as) => onMessage(world, as, 'removeReaction') },
  erase: { weight: 4, run: (world, as) => onMessage(world, as, 'deleteMessage', { query: { scope: 'everyone' } }) },
  pin: { weight: 3, run: (world, as) => onMessage(world, as, 'pinMessage') },
  unpin: { weight: 1, run: (world, as) => onMessage(world, as, 'unpinMessage') },
  hide: { weight: 6, run: (world, as) => onMessage(world, as, 'deleteMessage', { query: { scope: 'me' } }) },
  read: {
    weight: 8,
    run: async (world, as) => {
      const message = await anyMessage(world, as)
      const params = { chatId: world.group.id }
      if (message) await call('markChatRead', { params, body: { upToMessageId: message.id } }, { as })
    },
  },
  clear: { weight: 1, run: ({ group }, as) => call('clearChat', { params: { chatId: group.id } }, { as }) },
  leave: { weight: 2, run: ({ group }, as) => call('leaveGroup', { params: { groupId: group.id } }, { as }) },
  add: {
    weight: 5,
    run: ({ group, choose, users }, as) =>
      call('addGroupMembers', { params: { groupId: group.id }, body: { userIds: [choose.pick(users).id] } }, { as }),
  },
  remove: {
    weight: 3,
    run: ({ group, choose, users }, as) =>
      call('removeGroupMember', { params: { groupId: group.id, userId: choose.pick(users).id } }, { as }),
  },
  poll: { weight: 10, run: ({ group, choose, devices }) => choose.pick(devices).poll(group) },
  listChats: { weight: 6, run: (_, as) => call('listChats', {}, { as }) },
  evictGroup: { weight: 3, run: ({ group }) => evictDurableObject(groupStub(group)).catch(() => {}) },
  evictMailbox: { weight: 3, run: (_, { id }) => evictDurableObject(stubOf(id)).catch(() => {}) },
  ring: { weight: 5, run: ({ group }) => runDurableObjectAlarm(groupStub(group)) },
}

const weights = Object.fromEntries(Object.entries(commands).map(([name, { weight }]) => [name, weight]))

const groupStub = ({ id }: TestGroup) => env.GROUP.get(env.GROUP.idFromName(id))

const faultWeights = { none: 12, dropped: 2, replyLost: 2, doubled: 1, late: 2, hangs: 1 } satisfies Record<
  Fault,
  number
>

const isBetweenObjects = ({ userId, method }: MailboxCall) => userId.startsWith('grp_') || method === 'nudge'

/** Lets every alarm ring until nobody owes anything, with the clock ahead of every delay. */
async function heal({ group, users }: World) {
  try {
    for (let round = 0; round < 12; round++) {
      vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 10 * 60_000 })
      await runDurableObjectAlarm(groupStub(group))
      for (const { id } of users) await runDurableObjectAlarm(stubOf(id))
      await new Promise((resolve) => setTimeout(resolve, 5))
    }
  } finally {
    vi.useRealTimers()
  }
}

const inGroup = <T>(group: TestGroup, query: string) =>
  runInDurableObject(groupStub(group), (_, { storage }) => storage.sql.exec(query).toArray() as T[])

/** All messages that the group shows a user, by pages. */
async function shownTo(as: TestUser, group: TestGroup): Promise<Message[]> {
  const all: Message[] = []
  for (let cursor: string | null | undefined; cursor !== null; ) {
    const page: Messages = await ok(
      'listMessages',
      { params: { chatId: group.id }, query: { limit: 20, cursor } },
      { as },
    )
    all.push(...page.items)
    cursor = page.nextCursor
  }
  return all.toReversed()
}

const withoutLinks = (message: Message) => ({ ...message, attachments: [] })

async function check(world: World, seed: number) {
  const { group, users, devices } = world
  const owed = await inGroup(group, 'SELECT user_id FROM members WHERE owed = 1')
  expect(owed, `seed ${seed}: owed`).toEqual([])
  const present = (await inGroup<{ user_id: string }>(group, 'SELECT user_id FROM members WHERE present = 1')).map(
    ({ user_id }) => user_id,
  )
  for (const user of users) {
    const what = `seed ${seed}: ${user.id}`
    const chats = await ok<Chats>('listChats', { query: { limit: 50 } }, { as: user })
    const listed = chats.items.find(({ id }) => id === group.id)
    if (!present.includes(user.id)) {
      expect(listed, `${what} has left`).toBeUndefined()
      expect((await call('getGroup', { params: { groupId: group.id } }, { as: user })).status).toBe(404)
      continue
    }
    const shown = await shownTo(user, group)
    const head = await ok<Chat>('getChat', { params: { chatId: group.id } }, { as: user })
    // Others' own changes take numbers of which this mailbox need not hear.
    const alike = (one: Chat) => ({ ...one, updatedAt: '', version: null })
    expect(listed && alike(listed), `${what}: the chat list`).toEqual(
      listed || shown.length > 0 ? alike(head) : undefined,
    )
    expect(listed?.version ?? 0, what).toBeLessThanOrEqual(head.version ?? 0)
    const unread = shown.filter(
      ({ id, senderId, deletedAt, event }) =>
        id > (head.lastReadMessageId ?? '') && senderId !== user.id && deletedAt === null && event === null,
    )
    expect(head.unreadCount, `${what}: unread`).toBe(unread.length)
    expect(head.mentionCount, `${what}: mentions`).toBe(
      unread.filter(({ mentions }) => mentions.includes(user.id)).length,
    )
    const pins = await ok<Messages>('listPins', { params: { groupId: group.id } }, { as: user })
    const times = pins.items.map(({ pinnedAt }) => pinnedAt)
    expect(times, `${what}: pins, the last first`).toEqual(times.toSorted().toReversed())
    expect(pins.items.map(({ id }) => id).toSorted(), `${what}: pins`).toEqual(
      shown.flatMap(({ id, pinnedAt }) => (pinnedAt === null ? [] : id)).toSorted(),
    )
    for (const device of devices.filter((one) => one.user === user)) {
      await device.poll(group)
      const held = [...device.messages.values()].toSorted((a, b) => (a.id < b.id ? -1 : 1))
      const readUpTo = head.readUpToMessageId ?? ''
      // The status of an own message follows from the chat.
      const statusOf = ({ id }: Message) => (id <= readUpTo ? ('read' as const) : ('sent' as const))
      const settled = held.map((one) => ({ ...one, status: one.status && statusOf(one) }))
      expect(settled.map(withoutLinks), `${what}: a device`).toEqual(
        shown.filter(({ id }) => id >= device.from).map(withoutLinks),
      )
      expect(
        [...device.members]
          .filter(([, isIn]) => isIn)
          .map(([id]) => id)
          .toSorted(),
      ).toEqual(present.toSorted())
    }
  }
}

/** Some commands while calls fail; afterwards, whatever was lost or late has come to an end. */
async function act(world: World) {
  const { choose, users } = world
  const late: (() => Promise<unknown>)[] = []
  const hung = new HungCalls()
  const stop = interceptCalls((made) => {
    if (!isBetweenObjects(made)) return made.make()
    return makeWithFault(choose.weighted(faultWeights), made, { hold: (make) => late.push(make), hung })
  })
  try {
    for (let n = 0; n < commandsPerPhase; n++) {
      if (choose.below(6) === 0) hung.release()
      if (choose.below(6) === 0) for (const make of late.splice(0)) await make().catch(() => {})
      const done = commands[choose.weighted(weights)]?.run(world, choose.pick(users))
      // A call that waits for one that hangs goes on in the background.
      await Promise.race([done, new Promise((resolve) => setTimeout(resolve, 100))])
    }
    hung.release()
    for (const make of late.splice(0)) await make().catch(() => {})
  } finally {
    stop()
  }
  hung.release()
  await new Promise((resolve) => setTimeout(resolve, 50))
}

/** Each phase begins with mailboxes that know everything, so that one lost call is enough for one that does not. */
async function runOnce(seed: number) {
  const { group, users } = await groupOf(4)
  // Contacts can add each other again after they have left.
  for (const one of users) for (const other of users) if (one !== other) await befriend(one, other)
  const devices = users.flatMap((user) => [new Device(user), new Device(user)])
  const world: World = { group, users, devices, choose: random(seed) }
  for (let phase = 0; phase < phases; phase++) {
    await act(world)
    await heal(world)
    await check(world, seed)
  }
}

test(`${runs} random histories of a group end with everybody knowing what it holds`, async () => {
  for (let run = 0; run < runs; run++) await runOnce(firstSeed + run)
})

test('a fresh start and every cursor before it lead to the same', async () => {
  const { group, users } = await groupOf(2)
  const [ana, ben] = users as [TestUser, TestUser]
  const cursors = [(await changesOf(ben, group)).cursor]
  for (let n = 0; n < 5; n++) {
    await call(
      'sendMessage',
      { params: { chatId: group.id }, body: { clientMessageId: `c${n}`, text: `t${n}` } },
      { as: ana },
    )
    cursors.push((await changesOf(ben, group, cursors.at(-1))).cursor)
  }
  const views = await Promise.all(
    cursors.map(async (cursor, at) => {
      const device = new Device(ben)
      device.cursor = cursor
      await device.poll(group)
      expect(device.messages.size).toBe(5 - at)
      return device.chat?.lastMessage?.text
    }),
  )
  expect(new Set(views)).toEqual(new Set(['t4']))
})
