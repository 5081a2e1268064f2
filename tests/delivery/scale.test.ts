import { describe, expect, test } from 'vitest'
import type { SignedIn, Tokens, Verification } from '../../schemas/authentication'
import type { Changes } from '../../schemas/changes'
import type { Message } from '../../schemas/message'
import { call, type Input, ok } from '../support/call'
import { chat, delivered, edit, get, list, markRead, pair, react, send } from '../support/chat-calls'
import { documentedOperations } from '../support/check-response'
import { sized } from '../support/run-size'
import { fillChat, fillChats, type Size, sleepAndWake, upload, type World, worldOf } from '../support/scale-world'
import { connectLive } from '../support/socket'
import { countRows } from '../support/storage-costs'
import { codeFor, newPhoneNumber, newUser, signIn, type TestUser } from '../support/users'

/** Sets the stage, and returns what is measured. */
type Case = (world: World) => Promise<() => Promise<unknown>>

const plain =
  (operationId: string, inputOf: (world: World) => Input = () => ({})): Case =>
  async (world) =>
  () =>
    ok(operationId, inputOf(world), { as: world.alice })

const inChat = ({ bob }: World) => ({ params: { chatId: bob.id } })
const onCarol = ({ carol }: World) => ({ params: { userId: carol.id } })
const onFile = ({ file }: World) => ({ params: { fileId: file.id } })

/** The last page of changes; its cursor is past everything. */
async function latest(user: TestUser): Promise<Changes> {
  for (let page = await ok<Changes>('listChanges', { query: { limit: 200 } }, { as: user }); ; ) {
    if (!page.hasMore) return page
    page = await ok<Changes>('listChanges', { query: { limit: 200, cursor: page.cursor } }, { as: user })
  }
}

const arrived = async ({ alice, bob }: World): Promise<Message> => {
  const message = await send(bob, alice, 'new')
  await delivered(bob, alice)
  return message
}

const deletion =
  (scope: 'me' | 'everyone'): Case =>
  async (world) => {
    const message = await send(world.alice, world.bob, 'gone')
    await delivered(world.alice, world.bob)
    const { params } = inChat(world)
    const input = { params: { ...params, messageId: message.id }, query: { scope } }
    return () => call('deleteMessage', input, { as: world.alice })
  }

const cases: Record<string, Record<string, Case>> = {
  addReaction: {
    '':
      async ({ alice, bob, message }) =>
      () =>
        react(alice, bob, message, '👍'),
  },
  blockUser: { '': plain('blockUser', onCarol) },
  changePhoneNumber: {
    '': async ({ alice }) => {
      const phoneNumber = newPhoneNumber()
      const body = { phoneNumber, purpose: 'changePhoneNumber' }
      const { verificationId } = await ok<Verification>('sendOtp', { body }, { as: alice })
      const proof = { verificationId, code: codeFor(phoneNumber) }
      return () => ok('changePhoneNumber', { body: proof }, { as: alice })
    },
  },
  clearChat: { '': plain('clearChat', inChat) },
  connectRealtime: {
    '': async ({ alice }) => {
      const { cursor } = await latest(alice)
      return async () => (await connectLive(alice, { cursor })).close()
    },
  },
  createRealtimeTicket: { '': plain('createRealtimeTicket') },
  deleteFile: {
    '': async ({ alice }) => {
      const { id } = await upload(alice)
      return () => ok('deleteFile', { params: { fileId: id } }, { as: alice })
    },
  },
  deleteMessage: { 'for me': deletion('me'), 'for everyone': deletion('everyone') },
  editMessage: {
    '':
      async ({ alice, message }) =>
      () =>
        edit(alice, message, 'edited'),
  },
  endOtherSessions: { '': plain('endOtherSessions') },
  endSession: {
    '': async ({ alice }) => {
      const { sessionId } = (await signIn(alice.phoneNumber)).tokens
      return () => ok('endSession', { params: { sessionId } }, { as: alice })
    },
  },
  findContacts: { '': plain('findContacts', ({ carol }) => ({ body: { phoneNumbers: [carol.phoneNumber] } })) },
  lookUpUsers: { '': plain('lookUpUsers', ({ carol }) => ({ body: { userIds: [carol.id] } })) },
  findUserByUsername: { '': plain('findUserByUsername', () => ({ query: { username: 'nobody' } })) },
  getChat: { '': plain('getChat', inChat) },
  getFile: { '': plain('getFile', onFile) },
  getFileInfo: { '': plain('getFileInfo', onFile) },
  getMe: { '': plain('getMe') },
  getMessage: {
    '':
      async ({ alice, bob, message }) =>
      () =>
        get(alice, bob, message),
  },
  getUnreadCount: { '': plain('getUnreadCount') },
  getUser: { '': plain('getUser', onCarol) },
  listBlocks: { '': plain('listBlocks') },
  listChanges: {
    'a message': async (world) => {
      const { cursor } = await latest(world.alice)
      await arrived(world)
      return () => ok('listChanges', { query: { cursor } }, { as: world.alice })
    },
    'first page': plain('listChanges', () => ({ query: { limit: 5 } })),
  },
  listChats: { '': plain('listChats', () => ({ query: { limit: 5 } })) },
  listContacts: { '': plain('listContacts', () => ({ query: { limit: 5 } })) },
  listFiles: { '': plain('listFiles', () => ({ query: { limit: 1 } })) },
  listMessages: {
    newest:
      async ({ alice, bob }) =>
      () =>
        list(alice, bob),
    before:
      async ({ alice, bob, message }) =>
      () =>
        list(alice, bob, { before: message.id, limit: 5 }),
    after:
      async ({ alice, bob }) =>
      () =>
        list(alice, bob, { after: `msg_00${'50'.padStart(24, '0')}`, limit: 5 }),
    around:
      async ({ alice, bob, message }) =>
      () =>
        list(alice, bob, { around: message.id, limit: 5 }),
    'with attachments':
      async ({ alice, bob }) =>
      () =>
        list(alice, bob, { hasAttachments: 'true', limit: 5 }),
  },
  listReactions: {
    '': plain('listReactions', ({ bob, message }) => ({ params: { chatId: bob.id, messageId: message.id } })),
  },
  listReceipts: {
    '': plain('listReceipts', ({ bob, message }) => ({ params: { chatId: bob.id, messageId: message.id } })),
  },
  listSessions: { '': plain('listSessions') },
  logout: {
    '': async ({ alice }) => {
      const { accessToken } = (await signIn(alice.phoneNumber)).tokens
      return () => ok('logout', {}, { as: { accessToken } })
    },
  },
  markChatRead: {
    '': async (world) => {
      const message = await arrived(world)
      return () => markRead(world.alice, world.bob, message)
    },
  },
  refreshTokens: {
    '': async ({ alice }) => {
      const { refreshToken } = (await signIn(alice.phoneNumber)).tokens
      return () => ok<Tokens>('refreshTokens', { body: { refreshToken } })
    },
  },
  removeContact: { '': plain('removeContact', onCarol) },
  removeReaction: {
    '': async (world) => {
      const { alice, bob, message } = world
      const input = { params: { ...inChat(world).params, messageId: message.id, emoji: '🎉' } }
      await react(alice, bob, message, '🎉')
      await delivered(alice, bob)
      return () => ok('removeReaction', input, { as: alice })
    },
  },
  reportUser: {
    '': plain('reportUser', ({ bob, message }) => ({
      params: { userId: bob.id },
      body: { reason: 'spam', messageIds: [message.id] },
    })),
  },
  saveContact: { '': plain('saveContact', (world) => ({ ...onCarol(world), body: { name: 'Carol' } })) },
  searchMessages: {
    'in all chats': plain('searchMessages', () => ({ query: { q: 'old', limit: 5 } })),
    'in one': plain('searchMessages', ({ bob }) => ({ query: { q: 'old', chatId: bob.id, limit: 5 } })),
  },
  sendMessage: {
    '':
      async ({ alice, bob }) =>
      () =>
        send(alice, bob, 'new'),
    'a reply':
      async ({ alice, bob, message }) =>
      () =>
        send(alice, bob, 'new', { replyToId: message.id }),
    'to a stranger': async ({ alice }) => {
      const stranger = await newUser()
      return () => send(alice, stranger, 'hello')
    },
  },
  unblockUser: { '': plain('unblockUser', onCarol) },
  updateChat: { '': plain('updateChat', (world) => ({ ...inChat(world), body: { archived: true } })) },
  updateMe: { '': plain('updateMe', () => ({ body: { firstName: 'Alice' } })) },
  uploadFile: {
    '':
      async ({ alice }) =>
      () =>
        upload(alice),
  },
  verifyOtp: {
    '': async ({ alice }) => {
      const { phoneNumber } = await ok<{ phoneNumber: string }>('getMe', {}, { as: alice })
      const { verificationId } = await ok<Verification>('sendOtp', { body: { phoneNumber } })
      return () => ok<SignedIn>('verifyOtp', { body: { verificationId, code: codeFor(phoneNumber) } })
    },
  },
}

const unmeasured: Record<string, string> = {
  deleteMe: 'every file and every chat has to go, a slice at a time but for one statement',
  exportMe: 'answers with everything, page by page',
  ...Object.fromEntries(
    [
      ...['addGroupMembers', 'createGroup', 'getGroup', 'leaveGroup', 'listGroupChanges', 'listGroupMembers'],
      ...['listPins', 'pinMessage', 'removeGroupMember', 'unpinMessage', 'updateGroup', 'updateGroupMember'],
      ...['banGroupMember', 'unbanGroupMember', 'listGroupBans', 'endGroup'],
      ...['createGroupInvite', 'listGroupInvites', 'revokeGroupInvite', 'getGroupInvite', 'joinGroup'],
      ...['listJoinRequests', 'approveJoinRequest', 'declineJoinRequest'],
    ].map((operationId) => [operationId, 'reads its group: see tests/groups/group-costs.test.ts']),
  ),
  getHealth: 'reads no mailbox',
  getNetwork: 'reads no mailbox',
  sendOtp: 'reads no mailbox, and D1 by its indexes',
}

/** Last, in this order: what ends what the others need. */
const last = ['changePhoneNumber', 'endOtherSessions', 'clearChat']

/** What leaves something to deliver, which is measured with it. */
const delivering = [
  ...['addReaction', 'changePhoneNumber', 'deleteMessage', 'editMessage', 'markChatRead'],
  ...['removeReaction', 'sendMessage', 'updateMe'],
]

/** What removes a first slice at once, and leaves the rest to the alarm. */
const slices = ['clearChat']

async function costsIn(size: Size): Promise<Map<string, number>> {
  const world = await worldOf(size)
  const costs = new Map<string, number>()
  const rank = (operationId: string) => last.indexOf(operationId)
  for (const operationId of Object.keys(cases).sort((a, b) => rank(a) - rank(b)))
    for (const [variant, prepare] of Object.entries(cases[operationId] ?? {})) {
      const work = await prepare(world)
      // Nobody wakes meanwhile, which would read the heads.
      for (const as of [world.alice, world.bob, world.carol]) await ok('getUnreadCount', {}, { as })
      // Profiles of contacts were compared a moment ago: that reads up to 200 of them, once a minute.
      await ok('listContacts', {}, { as: world.alice })
      const { read } = await countRows(world.alice.id, async () => {
        await work()
        if (delivering.includes(operationId)) await delivered(world.alice, world.bob)
      })
      costs.set(`${operationId} ${variant}`.trim(), read)
    }
  return costs
}

const few: Size = { messages: 4_000, chats: 60, files: 10, contacts: 10 }
const sizes: Record<'small' | 'middle' | 'large', Size> = {
  small: few,
  middle: { messages: sized(2_000, 20_000), chats: sized(1_000, 5_000), files: 10, contacts: 10 },
  large: { messages: sized(10_000, 100_000), chats: 60, files: sized(2_000, 20_000), contacts: sized(1_000, 5_000) },
}

describe('the rows that an operation reads', () => {
  test('are measured for every operation of the document, or there is a reason', () => {
    const known = [...Object.keys(cases), ...Object.keys(unmeasured)].sort()
    expect(known).toEqual(documentedOperations.map(({ operationId }) => operationId).sort())
  })

  test('do not grow with messages, chats, files, or contacts', async () => {
    const [small, middle, large] = [await costsIn(sizes.small), await costsIn(sizes.middle), await costsIn(sizes.large)]
    const table = [...large].map(([name, rows]) => ({
      name,
      rows: [...(slices.includes(name) ? [] : [small.get(name)]), middle.get(name), rows].map((one) => one ?? -1),
    }))
    for (const { name, rows } of table) console.info(name, ...rows)
    const growing = table.filter(({ rows }) => Math.max(...rows) - Math.min(...rows) > 5 || Math.min(...rows) < 0)
    expect(growing).toEqual([])
  })
})

test('a mailbox that wakes loads its heads once', async () => {
  const [alice, bob] = await pair()
  await send(alice, bob, 'hello')
  await delivered(alice, bob)
  await fillChats(bob, 5_000)
  await sleepAndWake(bob)
  const waking = await countRows(alice.id, () => chat(bob, alice), { countsAlarms: true })
  expect(waking.read).toBeGreaterThan(5_000)
  expect(waking.read).toBeLessThan(16_000)
  const awake = await countRows(alice.id, () => chat(bob, alice))
  expect(awake.read).toBeLessThan(10)
})

test('a long-quiet chat in a busy mailbox costs no more than any other', async () => {
  const [alice, bob] = await pair()
  await send(alice, bob, 'the first')
  await delivered(alice, bob)
  const carol = await newUser()
  await send(carol, bob, 'busy')
  await delivered(carol, bob)
  await fillChat(bob, carol, 50_000)
  await sleepAndWake(bob)
  await chat(bob, alice)
  const rows = await countRows(alice.id, async () => {
    await send(bob, alice, 'after a long time')
    await delivered(alice, bob)
  })
  expect(rows.read).toBeLessThan(60)
  expect(rows.written).toBeLessThanOrEqual(12)
})
