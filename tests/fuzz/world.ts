import { env } from 'cloudflare:workers'
// A user with a past, and everything their requests can name: theirs, others', and what never existed.
import type { Verification } from '../../schemas/authentication'
import type { Changes } from '../../schemas/changes'
import type { File } from '../../schemas/file'
import type { Message } from '../../schemas/message'
import type { Ticket } from '../../schemas/realtime'
import { type IdKind, idPrefixes, mintId } from '../../src/core/ids'
import { ok } from '../support/call'
import { delivered, remove, send } from '../support/chat-calls'
import type { DocumentedOperationAt } from '../support/check-response'
import { createGroup, createInvite, join } from '../support/group-calls'
import { codeFor, newPhoneNumber, newUser, signIn, type TestUser } from '../support/users'

/** Values to choose from, by the prefix of an id or by the name of a field. */
export type Pools = Record<string, readonly string[]>

export interface World {
  caller: TestUser
  pools: Pools
  /** Path parameters and bodies that belong together, by operation. */
  params: Record<string, readonly Record<string, string>[]>
  bodies: Record<string, readonly unknown[]>
}

const upload = (as: TestUser, name: string) =>
  ok<File>(
    'uploadFile',
    {
      raw: new TextEncoder().encode(`the contents of ${name}`),
      query: { name },
      headers: { 'Content-Type': 'text/plain' },
    },
    { as },
  )

async function uploads(as: TestUser, count: number): Promise<string[]> {
  const files = []
  for (let number = 0; number < count; number++) files.push((await upload(as, `${number}.txt`)).id)
  return files
}

/** What a part of the world adds to it. */
type Part = Partial<Omit<World, 'caller'>>

interface People {
  ana: TestUser
  ben: TestUser
  eva: TestUser
}

async function sessions({ ana, ben }: People): Promise<Part> {
  const others = [await signIn(ana.phoneNumber), await signIn(ana.phoneNumber)]
  const tokens = others.map((other) => other.tokens)
  return {
    pools: {
      ses_: [...tokens.map(({ sessionId }) => sessionId), ana.sessionId, ben.sessionId, ...unknown('session')],
      refreshToken: [...tokens.map((one) => one.refreshToken), ana.refreshToken, 'rt_', `${ben.refreshToken}x`],
    },
  }
}

/** Open verifications, each with the code that proves it. */
async function verifications(): Promise<Part> {
  const open: { verificationId: string; code: string }[] = []
  for (const phoneNumber of [newPhoneNumber(), newPhoneNumber()]) {
    const { verificationId } = await ok<Verification>('sendOtp', { body: { phoneNumber } })
    open.push({ verificationId, code: codeFor(phoneNumber) })
  }
  return {
    pools: {
      ver_: [...open.map(({ verificationId }) => verificationId), ...unknown('verification')],
      code: [...open.map(({ code }) => code), '000000'],
    },
    bodies: { verifyOtp: open },
  }
}

/** Codes that move the caller to another number. */
async function newNumbers({ ana }: People): Promise<Part> {
  const open: { verificationId: string; code: string }[] = []
  for (const phoneNumber of [newPhoneNumber(), newPhoneNumber()]) {
    const body = { phoneNumber, purpose: 'changePhoneNumber' }
    const { verificationId } = await ok<Verification>('sendOtp', { body }, { as: ana })
    open.push({ verificationId, code: codeFor(phoneNumber) })
  }
  return { bodies: { changePhoneNumber: open } }
}

async function profile({ ana }: People): Promise<Part> {
  const username = `ana_${ana.id.slice(-12)}`.toLowerCase()
  await ok('updateMe', { body: { username } }, { as: ana })
  return { pools: { username: [username, username.toUpperCase(), 'nobody_at_all'] } }
}

async function contacts({ ana, ben, eva }: People): Promise<Part> {
  for (const { id } of [ben, eva]) await ok('saveContact', { params: { userId: id }, body: {} }, { as: ana })
  await ok('blockUser', { params: { userId: eva.id } }, { as: ana })
  return { pools: { phoneNumbers: [ben.phoneNumber, ana.phoneNumber, '(202) 555-0102', 'nope', ''] } }
}

async function files({ ana, ben }: People): Promise<Part> {
  return { pools: { fil_: [...(await uploads(ana, 3)), ...(await uploads(ben, 1)), ...unknown('file')] } }
}

async function messages({ ana, ben, eva }: People): Promise<Part> {
  const attachmentFileIds = await uploads(ben, 1)
  const own = [await send(ana, ben, 'Did you see the lighthouse?'), await send(ana, ben, 'It blinks.')]
  const theirs = [await send(ben, ana, 'Where?'), await send(ben, ana, 'Look', { attachmentFileIds })]
  const [gone, note] = [await send(ana, ben, 'Never mind.'), await send(ana, ana, 'Buy batteries')]
  const foreign = await send(ben, eva, 'Between the two of us')
  await delivered(ana, ben)
  await remove(ana, ben, gone, 'everyone')
  const held = pairs([...own, ...theirs, note, gone])
  const pathsOf = [...held, ...held, ...pairs([foreign]), { chatId: ben.id, messageId: mintId('message', Date.now()) }]
  const withEmoji = pathsOf.map((pair) => ({ ...pair, emoji: '👍' }))
  return {
    pools: { msg_: [...held.map(({ messageId }) => messageId), foreign.id, ...unknown('message')] },
    params: {
      listMessages: [{ chatId: ben.id }],
      markChatRead: [{ chatId: ben.id }],
      getMessage: pathsOf,
      listReceipts: pathsOf,
      listReactions: pathsOf,
      editMessage: pathsOf,
      deleteMessage: pathsOf,
      addReaction: withEmoji,
      removeReaction: withEmoji,
    },
  }
}

/** What may be reported, as it is and with messages that are not the user's. */
async function reports({ ana, ben }: People): Promise<Part> {
  const held = [await send(ana, ben, 'Who are you?'), await send(ben, ana, 'Your bank'), await send(ana, ana, 'a note')]
  await delivered(ana, ben)
  const messageIds = held.map(({ id }) => id)
  const [question = '', claim = ''] = messageIds
  return {
    pools: { msg_: [...messageIds, ...unknown('message')] },
    params: { reportUser: [{ userId: ben.id }] },
    bodies: {
      reportUser: [
        { reason: 'fraud', messageIds: [question, claim] },
        { reason: 'other', messageIds: [claim] },
      ],
    },
  }
}

async function groups({ ana, ben, eva }: People): Promise<Part> {
  const { chat } = await createGroup(ana, [ben])
  const groupId = chat.id
  const message = await send(ana, chat, 'Who takes the night watch?')
  await ok('banGroupMember', { params: { groupId, userId: eva.id } }, { as: ana })
  const dora = await newUser()
  const invite = await createInvite(ana, chat, { needsApproval: true })
  await join(dora, invite)
  return {
    pools: {
      grp_: [groupId, groupId, groupId, ...unknown('group')],
      msg_: [message.id, ...unknown('message')],
      inv_: [invite.id, invite.id, ...unknown('invite')],
    },
    params: {
      ...Object.fromEntries(
        [
          'getGroup',
          'updateGroup',
          'listGroupMembers',
          'addGroupMembers',
          'leaveGroup',
          'listGroupChanges',
          'listPins',
        ].map((operationId) => [operationId, [{ groupId }]]),
      ),
      updateGroupMember: [{ groupId, userId: ben.id }],
      pinMessage: [{ groupId, messageId: message.id }],
      unpinMessage: [{ groupId, messageId: message.id }],
      removeGroupMember: [{ groupId, userId: ben.id }],
      banGroupMember: [{ groupId, userId: ben.id }],
      unbanGroupMember: [{ groupId, userId: ben.id }],
      listGroupBans: [{ groupId }],
      endGroup: [{ groupId }],
      createGroupInvite: [{ groupId }],
      listGroupInvites: [{ groupId }],
      revokeGroupInvite: [{ groupId, inviteId: invite.id }],
      getGroupInvite: [{ code: invite.code }],
      joinGroup: [{ code: invite.code }],
      listJoinRequests: [{ groupId }],
      approveJoinRequest: [{ groupId, userId: dora.id }],
      declineJoinRequest: [{ groupId, userId: dora.id }],
    },
    bodies: {
      createGroup: [{ clientGroupId: 'fuzz', title: 'Keepers', memberIds: [eva.id] }],
      updateGroup: [{ title: 'Keepers of the north' }, { settings: { slowModeSeconds: 5 } }],
      addGroupMembers: [{ userIds: [eva.id] }],
      createGroupInvite: [{ expiresInSeconds: 60, maxUses: 1 }, { needsApproval: true }],
      updateGroupMember: [{ role: 'admin' }, { role: 'member' }],
    },
  }
}

async function ticket({ ana }: People): Promise<Part> {
  const { ticket } = await ok<Ticket>('createRealtimeTicket', {}, { as: ana })
  return { pools: { ticket: [ticket, 'tk_', `${ticket}x`] } }
}

/** What people send, which made-up texts seldom are: those must show something, on one line. */
const usual = {
  updateMe: [{ firstName: 'Ana' }, { about: null, username: null }],
  sendMessage: [
    { clientMessageId: 'fuzz', text: 'hello' },
    { clientMessageId: 'with', metadata: { a: [null, 1] } },
  ],
  editMessage: [{ text: 'hello' }, { metadata: { a: { b: 1.5 } } }],
  updateChat: [{ archived: true }, { notifyMentions: true }, { pinned: true, notifyMentions: false }],
}

const unknown = (kind: IdKind) => [
  mintId(kind, Date.now()),
  `${idPrefixes[kind]}${'0'.repeat(26)}`,
  `${idPrefixes[kind]}7${'Z'.repeat(25)}`,
]

const pairs = (messages: Message[]) => messages.map(({ chatId, id }) => ({ chatId, messageId: id }))

const ranges = [
  'bytes=0-',
  'bytes=0-3',
  'bytes=-2',
  'bytes=-0',
  'bytes=5-2',
  'bytes=0-0,2-3',
  'bytes=99999999999999999999-',
  'items=1',
  'bytes=',
]
const dates = ['Wed, 25 Nov 2026 09:30:00 GMT', 'Thu, 01 Jan 1970 00:00:00 GMT', 'yesterday', '0']
const etags = ['*', '"x"', 'W/"x"', '"x", "y"', '""', '"', ',']

/** Signs in again when a request has ended the session of the caller. */
export async function revive(world: World) {
  // A request for a code may just have been one of the attempts.
  await env.DB.prepare('DELETE FROM otp_sends').run()
  const { tokens } = await signIn(world.caller.phoneNumber)
  Object.assign(world.caller, tokens)
}

/** What the operations of a tag need; those of any other tag get everything. */
const partsOf: Record<string, ((people: People) => Promise<Part>)[]> = {
  Authentication: [sessions, verifications],
  Profile: [profile, files, newNumbers, reports],
  Contacts: [contacts],
  Chats: [messages],
  Groups: [groups, messages],
  Messages: [messages, files],
  Realtime: [messages, ticket],
  Files: [files, messages],
  Network: [],
  System: [],
}

const everything = [sessions, verifications, profile, contacts, files, messages, groups, ticket]

/** The cursors for a list: its own are tried more often than others. */
async function cursorsOf(
  { operationId, parameters = [] }: DocumentedOperationAt,
  as: TestUser,
  peer: TestUser,
  known: { groupId: string; messageId: string },
) {
  const limit = { query: { limit: 1 } }
  const { cursor } = await ok<Changes>('listChanges', limit, { as })
  const strange = [cursor, '', 'W10', 'bm9wZQ', 'null']
  if (operationId === 'listChanges') return [cursor, cursor, cursor, ...strange]
  const words = parameters.some(({ name }) => name === 'q') ? { q: 'l' } : {}
  const input = { params: { chatId: peer.id, userId: peer.id, ...known }, query: { ...words, limit: 1 } }
  const page = await ok<{ nextCursor?: string | null; cursor?: string }>(operationId, input, { as })
  const nextCursor = page.nextCursor ?? page.cursor
  return nextCursor ? [nextCursor, nextCursor, nextCursor, nextCursor, nextCursor, ...strange] : strange
}

const takesCursor = ({ operationId, parameters = [] }: DocumentedOperationAt) =>
  operationId !== 'connectRealtime' && parameters.some(({ name }) => name === 'cursor')

/** The first id of a kind: of a message, the user's own to the peer. */
const firstIn = (parts: Part[], prefix: string) => parts.flatMap(({ pools = {} }) => pools[prefix] ?? [])[0] ?? ''

export async function newWorld(operation: DocumentedOperationAt): Promise<World> {
  const people = { ana: await newUser(), ben: await newUser(), eva: await newUser() }
  const { ana, ben, eva } = people
  const parts: Part[] = []
  for (const make of partsOf[operation.tags?.[0] ?? ''] ?? everything) parts.push(await make(people))
  const known = { groupId: firstIn(parts, 'grp_'), messageId: firstIn(parts, 'msg_') }
  const cursor = takesCursor(operation) ? { cursor: await cursorsOf(operation, ana, ben, known) } : {}
  return {
    caller: ana,
    pools: {
      usr_: [ben.id, ben.id, ben.id, ana.id, eva.id, ...unknown('user')],
      phoneNumber: [newPhoneNumber(), newPhoneNumber(), ana.phoneNumber, '912 345 678', '112', '+1', 'nope'],
      region: ['US', 'PT', 'ZZ'],
      locale: ['en', 'pt-BR', 'zz'],
      q: ['lighthouse', 'l', 'look bat', '👍', '-', '"', '*'],
      emoji: ['👍', '❤️', '🏳️‍🌈', '👍🏽'],
      Range: ranges,
      'If-Range': [...etags, ...dates],
      'If-Match': etags,
      'If-None-Match': etags,
      'If-Modified-Since': dates,
      'If-Unmodified-Since': dates,
      'Sec-WebSocket-Protocol': ['chat.v1', 'a, b', ','],
      ...Object.assign({}, ...parts.map(({ pools }) => pools)),
      ...cursor,
    },
    params: Object.assign({}, ...parts.map(({ params }) => params)),
    bodies: Object.assign({ ...usual }, ...parts.map(({ bodies }) => bodies)),
  }
}
