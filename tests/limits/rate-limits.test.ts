import { env } from 'cloudflare:workers'
import { describe, expect, test } from 'vitest'
import type { File } from '../../schemas/file'
import type { Ticket } from '../../schemas/realtime'
import { limits } from '../../src/core/limits'
import { type CallLimitName, callLimits } from '../../src/settings/call-limits'
import { type Caller, type Input, ok, type Refusal, requestOf, send } from '../support/call'
import { documentedOperations } from '../support/check-response'
import { interceptCalls } from '../support/delivery-faults'
import { exampleInput } from '../support/example-input'
import { countD1 } from '../support/storage-costs'
import { stranger } from '../support/tokens'
import { newUser, type TestUser } from '../support/users'

/** What each operation counts as. One that is missing here fails the first test. */
const user = {
  reads: [
    ...['listSessions', 'getMe', 'getUser', 'listContacts', 'listBlocks', 'listChats', 'getUnreadCount', 'getChat'],
    ...['listMessages', 'getMessage', 'searchMessages', 'listChanges', 'listFiles', 'getFile', 'getFileInfo'],
    ...['getGroup', 'listGroupMembers', 'listGroupChanges', 'listGroupBans', 'listReceipts', 'listReactions'],
    ...['listGroupInvites', 'getGroupInvite', 'listJoinRequests', 'listPins'],
  ],
  writes: [
    ...['reportUser', 'saveContact', 'removeContact', 'blockUser', 'unblockUser', 'updateChat', 'clearChat'],
    ...['markChatRead', 'deleteFile', 'createGroup', 'updateGroup', 'addGroupMembers', 'updateGroupMember'],
    ...['removeGroupMember', 'leaveGroup', 'banGroupMember', 'unbanGroupMember', 'endGroup'],
    ...['createGroupInvite', 'revokeGroupInvite', 'joinGroup', 'approveJoinRequest', 'declineJoinRequest'],
    ...['pinMessage', 'unpinMessage'],
  ],
  messageWrites: ['sendMessage', 'editMessage', 'deleteMessage', 'addReaction', 'removeReaction'],
  uploads: ['uploadFile'],
  userLookups: ['findUserByUsername', 'findContacts', 'lookUpUsers'],
  accountChanges: ['logout', 'endSession', 'endOtherSessions', 'updateMe', 'changePhoneNumber', 'deleteMe'],
  exports: ['exportMe'],
  connections: ['createRealtimeTicket', 'connectRealtime'],
  refreshes: ['refreshTokens'],
} satisfies Partial<Record<CallLimitName, string[]>>

const network = {
  signedInCalls: Object.values(user)
    .flat()
    .filter((operationId) => operationId !== 'refreshTokens'),
  openCalls: ['refreshTokens', 'getNetwork', 'getHealth'],
  codeChecks: ['verifyOtp'],
} satisfies Partial<Record<CallLimitName, string[]>>

/** In front of the budgets for codes: see rate-shield.test.ts. */
const byShield = ['sendOtp']

const rowsOf = (table: Record<string, string[]>) =>
  Object.entries(table).flatMap(([limit, operationIds]) =>
    operationIds.map((operationId): [string, CallLimitName] => [operationId, limit as CallLimitName]),
  )

const narrow = 2

/** The platform's simulated limiter with a figure of its own. */
const narrowed = (limiter: RateLimit): RateLimit => {
  const options = { limit: narrow }
  return { limit: ({ key }) => limiter.limit({ key, ...options }) }
}

/** Only one limit can be reached: the others have their real figures. */
const only = (name: CallLimitName): Partial<Env> => {
  const { limiter, by } = callLimits[name]
  const settings: object = { [by === 'user' ? 'USER_LIMITS' : 'NETWORK_LIMITS']: 'on' }
  return { ...settings, [limiter]: narrowed(env[limiter]) }
}

const address = () => `10.${[...crypto.getRandomValues(new Uint8Array(3))].join('.')}`

/** Their tokens are genuine, which is all that is known about a caller when a call is counted. */
const callersOf = async (operationId: string, count: number): Promise<(Caller & { refreshToken: string })[]> => {
  const one = async () => (operationId === 'refreshTokens' ? newUser() : { ...(await stranger()), refreshToken: '' })
  return Promise.all(Array.from({ length: count }, one))
}

const inputOf = (operationId: string, { refreshToken }: { refreshToken: string }): Input => {
  if (operationId === 'refreshTokens') return { body: { refreshToken } }
  const { headers, ...input } = exampleInput(operationId)
  return { ...input, headers: { ...headers, ...(operationId === 'connectRealtime' && { Upgrade: 'websocket' }) } }
}

const isSecured = (operationId: string) =>
  (documentedOperations.find((one) => one.operationId === operationId)?.security?.length ?? 0) > 0

async function answer(operationId: string, input: Input, from: { as?: Caller; ip: string; env: Partial<Env> }) {
  const headers = { ...input.headers, 'CF-Connecting-IP': from.ip }
  const request = requestOf(operationId, { ...input, headers }, isSecured(operationId) ? from : {})
  const { response, ...rest } = await send<Refusal>(request, from)
  response.webSocket?.accept()
  response.webSocket?.close()
  return rest
}

const uploaded = (as: TestUser) =>
  ok<File>('uploadFile', { raw: 'some text', headers: { 'Content-Type': 'text/plain' } }, { as })

type Answer = Awaited<ReturnType<typeof answer>>

/** The mailboxes that are called meanwhile. */
async function calledBy<T>(work: () => Promise<T>) {
  const called: string[] = []
  const restore = interceptCalls(({ userId, make }) => {
    called.push(userId)
    return make()
  })
  return { result: await work().finally(restore), called }
}

/**
 * Calls until a refusal, which may take twice the figure: the window can turn meanwhile. Once refused, a call reaches no
 * mailbox and says when to retry. Returns how many calls passed.
 */
async function passed(ask: () => Promise<Answer>, figure: number = narrow): Promise<number> {
  for (let count = 0; count <= 2 * figure; count++) {
    const { result, called } = await calledBy(ask)
    if (result.body?.code !== 'too_many_requests') continue
    const retryAfter = Number(result.headers.get('Retry-After'))
    expect({ status: result.status, retryAfter, called }).toEqual({
      status: 429,
      retryAfter: limits.rateWindowSeconds,
      called: [],
    })
    return count
  }
  throw new Error('Nothing was refused')
}

test('every operation of the document counts as something', () => {
  const counted = [...rowsOf(user), ...rowsOf(network)].map(([operationId]) => operationId)
  const operationIds = documentedOperations.map(({ operationId }) => operationId)
  expect(new Set([...counted, ...byShield])).toEqual(new Set(operationIds))
  const perNetwork = [...rowsOf(network).map(([operationId]) => operationId), ...byShield]
  expect(new Set(perNetwork), 'for its network').toEqual(new Set(operationIds))
})

test('every operation documents the refusal', () => {
  const undocumented = documentedOperations.filter(({ responses }) => {
    const declared: unknown = responses['429']
    return (
      !JSON.stringify(declared ?? '').includes('too_many_requests') || !JSON.stringify(declared).includes('Retry-After')
    )
  })
  expect(undocumented.map(({ operationId }) => operationId)).toEqual([])
})

describe('beyond the limit of its user,', () => {
  test.each(rowsOf(user))('%s is refused (%s), wherever the call comes from, and others are not', async (id, limit) => {
    const [alice, bob] = await callersOf(id, 2)
    if (!alice || !bob) throw new Error('Expected two callers')
    const env = only(limit)
    const ask = (as: typeof alice) => answer(id, inputOf(id, as), { as, ip: address(), env })
    expect(await passed(() => ask(alice))).toBeGreaterThanOrEqual(narrow)
    expect((await ask(bob)).status).not.toBe(429)
  })
})

describe('beyond the limit of its network,', () => {
  test.each(rowsOf(network))('%s is refused (%s), whoever calls, and other networks are not', async (id, limit) => {
    const [ip, env] = [address(), only(limit)]
    const callers = await callersOf(id, narrow + 1)
    let asked = 0
    const ask = (from: string) => {
      const as = callers[asked++ % callers.length]
      return as ? answer(id, inputOf(id, as), { as, ip: from, env }) : Promise.reject()
    }
    expect(await passed(() => ask(ip))).toBeGreaterThanOrEqual(narrow)
    expect((await ask(address())).status).not.toBe(429)
  })

  test('a signed link to a file is refused as well, without a token', async () => {
    const { url } = await uploaded(await newUser())
    const [ip, env] = [address(), only('signedInCalls')]
    const ask = () => send<Refusal>(new Request(url, { headers: { 'CF-Connecting-IP': ip } }), { env })
    expect(await passed(ask)).toBeGreaterThanOrEqual(narrow)
  })

  test('a deep health check is refused, and a plain one is not', async () => {
    const from = { ip: address(), env: only('deepHealthChecks') }
    const ask = (query: Input['query'] = {}) => answer('getHealth', { query }, from)
    expect(await passed(() => ask({ deep: true }))).toBeGreaterThanOrEqual(narrow)
    expect((await ask()).status).toBe(200)
  })

  test('a refresh that proves nothing is refused before D1 is asked, and others are not', async () => {
    const user = await newUser()
    const settings = only('unprovenRefreshes')
    const from = { ip: address(), env: settings }
    const refresh = (refreshToken: string) => answer('refreshTokens', { body: { refreshToken } }, from)
    const unproven = user.refreshToken.replace(/[^.]*$/, 'A'.repeat(16))
    expect(await passed(() => refresh(unproven))).toBeGreaterThanOrEqual(narrow)
    const { statements } = await countD1(() => passed(() => refresh(unproven), narrow))
    expect(statements).toBeLessThanOrEqual(2 * narrow)
    expect((await refresh(user.refreshToken)).status).toBe(200)
  })
})

test('who only knows a user’s id cannot use up what the user may refresh', async () => {
  const user = await newUser()
  const env = only('refreshes')
  const refresh = (refreshToken: string) => answer('refreshTokens', { body: { refreshToken } }, { ip: address(), env })
  const madeUp = user.refreshToken.replace(/[\w-]{43}\..*$/, 'A'.repeat(43))
  expect(await passed(() => refresh(madeUp))).toBeGreaterThanOrEqual(narrow)
  expect((await refresh(user.refreshToken)).status).toBe(200)
})

test('a WebSocket opened by a ticket counts for the user of the ticket', async () => {
  const user = await newUser()
  const env = only('connections')
  const connect = async () => {
    const { ticket } = await ok<Ticket>('createRealtimeTicket', {}, { as: user })
    return answer('connectRealtime', { query: { ticket }, headers: { Upgrade: 'websocket' } }, { ip: address(), env })
  }
  // The tickets are made without limits; what is refused here is the connection.
  for (let n = 0; n <= 2 * narrow; n++) if ((await connect()).status === 429) return
  throw new Error('Nothing was refused')
})

test('what a user is refused does not count for their network', async () => {
  const [alice, bob] = [await newUser(), await newUser()]
  const from = { ip: address(), env: { ...only('signedInCalls'), ...only('uploads') } }
  const upload = (as: TestUser) => answer('uploadFile', inputOf('uploadFile', as), { as, ...from })
  const free = { ...from, env: { ...from.env, UPLOAD_LIMITER: { limit: async () => ({ success: false }) } } }
  for (let n = 0; n < 3 * narrow; n++)
    expect((await answer('uploadFile', inputOf('uploadFile', alice), { as: alice, ...free })).status).toBe(429)
  expect((await upload(bob)).status).toBe(201)
})

test('a user can look up 30 names a minute by default', async () => {
  const user = await newUser()
  const settings: object = { USER_LIMITS: undefined, NETWORK_LIMITS: undefined }
  const ask = () =>
    answer('findUserByUsername', exampleInput('findUserByUsername'), { as: user, ip: address(), env: settings })
  const count = await passed(ask, limits.userLookupsPerMinute)
  expect(count).toBeGreaterThanOrEqual(30)
  expect(count).toBeLessThanOrEqual(60)
})
