import { evictDurableObject } from 'cloudflare:test'
import { describe, expect, test } from 'vitest'
import type { Tokens, Verification } from '../../schemas/authentication'
import type { Changes } from '../../schemas/changes'
import type { Session, SessionChange, Sessions } from '../../schemas/session'
import { limits } from '../../src/core/limits'
import { type Caller, ok, refused } from '../support/call'
import { delivered, send } from '../support/chat-calls'
import { later } from '../support/clock'
import { crash, injectFaults, inMailbox, stubOf } from '../support/delivery-faults'
import { refreshFrom, signInFrom } from '../support/devices'
import { connectLive, type TestSocket } from '../support/socket'
import { countRows } from '../support/storage-costs'
import { codeFor, newPhoneNumber, newUser, signIn, type TestUser } from '../support/users'

const [lisbon, porto] = [
  { country: 'PT', city: 'Lisbon', asOrganization: 'Example Telecom' },
  { country: 'PT', city: 'Porto', asOrganization: 'Example Fibre' },
] as const
const day = 86_400

const sessionsOf = async (as: Caller) => (await ok<Sessions>('listSessions', {}, { as })).items

const changes = (as: Caller, query: { cursor?: string; limit?: number } = {}) =>
  ok<Changes>('listChanges', { query }, { as })

const byId = (sessions: Iterable<Session>) => [...sessions].sort((a, b) => (a.id < b.id ? -1 : 1))

const over = ({ sessionId }: { sessionId: string }): SessionChange => ({ sessionId, session: null })

/** A client that follows the changes from page to page, a few rows at a time. */
class Follower {
  readonly held = new Map<string, Session>()
  readonly #as: Caller
  cursor: string | undefined

  constructor(as: Caller) {
    this.#as = as
  }

  /** The session changes that came, page after page. */
  async follow(limit: number): Promise<SessionChange[]> {
    const came: SessionChange[] = []
    for (let hasMore = true; hasMore; ) {
      const page = await changes(this.#as, { limit, ...(this.cursor && { cursor: this.cursor }) })
      for (const { sessionId, session } of page.sessions) {
        if (session) this.held.set(sessionId, session)
        else this.held.delete(sessionId)
      }
      came.push(...page.sessions)
      this.cursor = page.cursor
      hasMore = page.hasMore
    }
    return came
  }
}

/** The next session changes that come to a socket. */
const nextOf = async (socket: TestSocket) =>
  (await socket.next('changes', (frame) => frame.changes.sessions.length > 0)).changes.sessions

const another = async ({ phoneNumber }: { phoneNumber: string }): Promise<Tokens> => (await signIn(phoneNumber)).tokens

describe('a new sign-in', () => {
  test('reaches the other devices at once, with its name, platform and place', async () => {
    const phone = await newUser()
    const socket = await connectLive(phone)
    const labels = { deviceName: 'The desk', platform: 'desktop' } as const
    const { tokens } = await signInFrom(lisbon, phone.phoneNumber, labels)
    const [came, ...others] = await nextOf(socket)
    expect(others).toEqual([])
    expect(came).toEqual({
      sessionId: tokens.sessionId,
      session: {
        id: tokens.sessionId,
        ...labels,
        country: 'PT',
        city: 'Lisbon',
        network: 'Example Telecom',
        createdAt: expect.any(String),
        lastUsedAt: came?.session?.createdAt,
        current: false,
      },
    })
    expect(await sessionsOf(phone)).toContainEqual(came?.session)
  })

  test('tells each device which session is its own', async () => {
    const phone = await newUser()
    const desk = await another(phone)
    const sockets = [await connectLive(phone), await connectLive(desk)]
    await another(phone)
    expect((await Promise.all(sockets.map(nextOf))).map(([change]) => change?.session?.current)).toEqual([false, false])
    for (const own of [phone, desk]) {
      const current = (await changes(own)).sessions.flatMap(({ session }) => (session?.current ? session.id : []))
      expect(current).toEqual([own.sessionId])
    }
  })

  test('that is repeated is not a change', async () => {
    const phone = await newUser()
    const { verificationId } = await ok<Verification>('sendOtp', { body: { phoneNumber: phone.phoneNumber } })
    const again = () => ok('verifyOtp', { body: { verificationId, code: codeFor(phone.phoneNumber) } })
    await again()
    const { cursor } = await changes(phone)
    await again()
    expect(await changes(phone, { cursor })).toMatchObject({ sessions: [], cursor })
  })
})

describe('the end of a session reaches the live sessions', () => {
  const ways: Record<string, (asking: TestUser, ended: Tokens) => Promise<unknown>> = {
    'after logout': (_, ended) => ok('logout', {}, { as: ended }),
    'when another device ends it': (asking, { sessionId }) =>
      ok('endSession', { params: { sessionId } }, { as: asking }),
    'when another device ends all others': (asking) => ok('endOtherSessions', {}, { as: asking }),
    'when its refresh token is reused': async (_, { refreshToken }) => {
      const next = await refreshFrom({}, refreshToken)
      await refreshFrom({}, next.refreshToken)
      await later(31, () => refused('refreshTokens', 'refresh_token_reused', { body: { refreshToken } }))
    },
    'when the phone number changes': async (asking) => {
      const body = { phoneNumber: newPhoneNumber(), purpose: 'changePhoneNumber' }
      const { verificationId } = await ok<Verification>('sendOtp', { body }, { as: asking })
      const proof = { verificationId, code: codeFor(body.phoneNumber) }
      await ok('changePhoneNumber', { body: proof }, { as: asking })
    },
  }

  test.each(Object.keys(ways))('%s', async (way) => {
    const phone = await newUser()
    const socket = await connectLive(phone)
    const desk = await another(phone)
    await nextOf(socket)
    const { cursor } = await changes(phone)
    await ways[way]?.(phone, desk)
    expect(await nextOf(socket)).toEqual([over(desk)])
    expect((await changes(phone, { cursor })).sessions).toEqual([over(desk)])
    expect(await sessionsOf(phone)).toMatchObject([{ id: phone.sessionId }])
  })

  test('when it is the least recently used of more than fifty', async () => {
    const phone = await newUser()
    const desk = await later(1, () => another(phone))
    for (let n = 2; n < limits.sessionsMax; n++) await later(n, () => another(phone))
    const { cursor } = await changes(phone, { limit: limits.pageMax })
    await later(2 * limits.sessionsMax, async () => {
      await refreshFrom({}, phone.refreshToken)
      const last = await another(phone)
      const { sessions } = await changes(phone, { cursor })
      expect(sessions.map(({ sessionId, session }) => [sessionId, session !== null])).toEqual([
        [desk.sessionId, false],
        [last.sessionId, true],
      ])
    })
  })

  test('when it has expired, as soon as anything reaches the mailbox', async () => {
    const phone = await newUser()
    const desk = await another(phone)
    const socket = await connectLive(phone)
    const { refreshToken } = await later(20 * day, () => freshly(phone))
    const { cursor } = await changes(phone)
    expect(await nextOf(socket)).toMatchObject([{ sessionId: phone.sessionId }])
    await later(29 * day, async () => {
      expect((await socket.untilNow()).filter(({ type }) => type === 'changes')).toEqual([])
    })
    await later(31 * day, async () => {
      expect(await socket.untilNow()).toMatchObject([{ changes: { sessions: [over(desk)] } }])
      const as = await freshly({ refreshToken })
      expect((await changes(as, { cursor })).sessions).toMatchObject([over(desk), { sessionId: phone.sessionId }])
      expect(await sessionsOf(as)).toMatchObject([{ id: phone.sessionId }])
    })
  })

  test('when it is 400 days old, however often it was used', async () => {
    const phone = await newUser()
    let tokens: Tokens = await another(phone)
    for (let days = 25; days < 400; days += 25)
      tokens = await later(days * day, () => refreshFrom(porto, tokens.refreshToken))
    const young = await later(390 * day, () => another(phone))
    await later(400 * day, async () => {
      const as = await freshly(young)
      expect((await sessionsOf(as)).map(({ id }) => id)).toEqual([young.sessionId])
      const follower = new Follower(as)
      await follower.follow(1)
      expect([...follower.held.keys()]).toEqual([young.sessionId])
    })
  })
})

/** The same session with an access token that has not expired yet. */
const freshly = (tokens: { refreshToken: string }): Promise<Tokens> => refreshFrom({}, tokens.refreshToken)

describe('a refresh', () => {
  test('within the hour, from the same place, is not a change and writes one row', async () => {
    const phone = await newUser()
    const { tokens } = await signInFrom(lisbon, phone.phoneNumber)
    const { cursor } = await changes(phone)
    const before = await sessionsOf(phone)
    const socket = await connectLive(phone, { cursor })
    await later(3_500, async () => {
      const rows = await countRows(phone.id, () => refreshFrom(lisbon, tokens.refreshToken))
      expect(rows.written).toBe(1)
    })
    expect(await changes(phone, { cursor })).toMatchObject({ sessions: [], cursor })
    expect(await sessionsOf(phone)).toEqual(before)
    expect((await socket.untilNow()).filter(({ type }) => type === 'changes')).toEqual([])
  })

  test('after the hour shows its time, in the list as in the changes', async () => {
    const phone = await newUser()
    const { tokens } = await signInFrom(lisbon, phone.phoneNumber)
    const { cursor } = await changes(phone)
    const at = await later(3_601, async () => {
      await refreshFrom(lisbon, tokens.refreshToken)
      return Date.now()
    })
    const { sessions } = await changes(phone, { cursor })
    expect(sessions.map(({ sessionId }) => sessionId)).toEqual([tokens.sessionId])
    expect(Math.abs(Date.parse(sessions[0]?.session?.lastUsedAt ?? '') - at)).toBeLessThan(60_000)
    expect(await sessionsOf(phone)).toMatchObject([sessions[0]?.session, { id: phone.sessionId }])
  })

  test('from another place shows that place at once', async () => {
    const phone = await newUser()
    const { tokens } = await signInFrom(lisbon, phone.phoneNumber)
    const socket = await connectLive(phone)
    const next = await refreshFrom(porto, tokens.refreshToken)
    const [moved] = await nextOf(socket)
    expect(moved?.session).toMatchObject({ country: 'PT', city: 'Porto', network: 'Example Fibre' })
    await refreshFrom({}, next.refreshToken)
    const [unknown] = await nextOf(socket)
    expect(unknown?.session).toMatchObject({ country: null, city: null, network: null })
    expect(await sessionsOf(phone)).toContainEqual(unknown?.session)
  })

  test('that is repeated within the grace period shows nothing new', async () => {
    const phone = await newUser()
    const { tokens } = await signInFrom(lisbon, phone.phoneNumber)
    await refreshFrom(lisbon, tokens.refreshToken)
    const { cursor } = await changes(phone)
    await refreshFrom(porto, tokens.refreshToken)
    expect(await changes(phone, { cursor })).toMatchObject({ sessions: [], cursor })
  })

  test('keeps a session alive from its actual time, not from the one that is shown', async () => {
    const phone = await newUser()
    const desk = await another(phone)
    const { refreshToken } = await later(3_000, () => refreshFrom({}, desk.refreshToken))
    await later(30 * day + 2_000, async () => {
      expect((await refreshFrom({}, refreshToken)).sessionId).toBe(desk.sessionId)
    })
  })
})

test('place names that are longer than any real one are truncated', async () => {
  const phoneNumber = newPhoneNumber()
  const edge = { country: 'PT', city: '城'.repeat(500), asOrganization: '𝒩'.repeat(500) } as const
  const { tokens } = await signInFrom(edge, phoneNumber)
  expect(await sessionsOf(tokens)).toMatchObject([
    { city: '城'.repeat(limits.cityCharactersMax), network: '𝒩'.repeat(limits.networkCharactersMax) },
  ])
})

describe('a client that follows the changes holds exactly the sessions that are listed,', () => {
  test('from any cursor, and nothing comes twice', async () => {
    const phone = await newUser()
    const followers = [new Follower(phone)]
    const devices: Tokens[] = []
    const steps = [
      ...['in', 'in', 'move', 'in', 'out', 'note', 'move', 'crash'],
      ...['in', 'out', 'out', 'crash', 'in', 'move', 'out', 'evict', 'in', 'others', 'note'],
    ]
    for (const [n, step] of steps.entries()) {
      const device = devices.at(-1)
      if (step === 'in') devices.push((await signInFrom(n % 2 ? lisbon : {}, phone.phoneNumber)).tokens)
      if (step === 'move' && device) devices.push({ ...device, ...(await refreshFrom(porto, device.refreshToken)) })
      if (step === 'out' && device) await ok('logout', {}, { as: device })
      if (step === 'out') while (devices.at(-1)?.sessionId === device?.sessionId && devices.pop());
      if (step === 'note') await send(phone, phone, `note ${n}`)
      if (step === 'others') await ok('endOtherSessions', {}, { as: phone })
      if (step === 'crash') await crash()
      if (step === 'evict') await evictDurableObject(stubOf(phone.id))
      // One follows each step, the others are away for longer and longer; a new one starts with a full copy.
      for (const [index, follower] of followers.entries()) if (n % (index + 1) === 0) await check(follower, phone, n)
      followers.push(new Follower(phone))
    }
    for (const follower of followers) await check(follower, phone, 0)
  })

  async function check(follower: Follower, as: Caller, n: number) {
    const came = await follower.follow(1 + (n % 3))
    const ids = came.map(({ sessionId }) => sessionId)
    expect(new Set(ids).size).toBe(ids.length)
    expect(byId(follower.held.values())).toEqual(byId(await sessionsOf(as)))
    const { cursor } = follower
    expect(await follower.follow(1)).toEqual([])
    expect(follower.cursor).toBe(cursor)
  }

  test('and a full copy contains no others, nor do changes contain sessions that it never held', async () => {
    const phone = await newUser()
    const { cursor } = await changes(phone)
    for (let n = 0; n < 3; n++) await ok('logout', {}, { as: await another(phone) })
    const desk = await another(phone)
    const ids = async (query = {}) => (await changes(phone, query)).sessions.map(({ sessionId }) => sessionId)
    expect(await ids()).toEqual([phone.sessionId, desk.sessionId])
    expect(await ids({ cursor })).toEqual([desk.sessionId])
  })

  test('even if the last change was the end of one, days ago, and the mailbox has slept since', async () => {
    const phone = await newUser()
    const desk = await another(phone)
    const { cursor: before } = await changes(phone)
    await ok('logout', {}, { as: desk })
    const { cursor } = await changes(phone)
    await evictDurableObject(stubOf(phone.id))
    await later(3 * day, async () => {
      const tablet = await another(phone)
      const fresh = await freshly(phone)
      expect((await changes(fresh, { cursor })).sessions).toMatchObject([
        { sessionId: tablet.sessionId },
        { sessionId: phone.sessionId },
      ])
      expect((await changes(fresh, { cursor: before })).sessions).toContainEqual(over(desk))
    })
  })
})

test('what is left of an ended session names no device and no place and opens nothing', async () => {
  const phone = await newUser()
  const { tokens } = await signInFrom(lisbon, phone.phoneNumber, { deviceName: 'The desk', platform: 'desktop' })
  await ok('logout', {}, { as: tokens })
  expect(await inMailbox(phone.id, `SELECT * FROM sessions WHERE id = '${tokens.sessionId}'`)).toMatchObject([
    ...[{ device_name: null, platform: null, country: null, city: null, network: null }],
  ])
  const [row] = await inMailbox(phone.id, `SELECT * FROM sessions WHERE id = '${tokens.sessionId}'`)
  expect(row).toMatchObject({ secret_hash: '', chain_key: '', recent_steps: '[]' })
})

test('sessions that predate session changes reach clients with a cursor from then', async () => {
  const phone = await newUser()
  const desk = await another(phone)
  await send(phone, phone, 'a note')
  const [held, waiting] = [await newUser(), await newUser()]
  await send(phone, held, 'delivered')
  await delivered(phone)
  const [, stop] = injectFaults(() => 'dropped')
  await send(phone, waiting, 'on its way')
  const { cursor } = await changes(phone)
  await inMailbox(
    phone.id,
    `DROP INDEX sessions_by_seq;
     ${['seq', 'first_seq', 'shown_used_at', 'country', 'city', 'network', 'tracked_step', 'used_at']
       .map((column) => `ALTER TABLE sessions DROP COLUMN ${column};`)
       .join('')}
     ALTER TABLE messages DROP COLUMN removed_reactions;
     ALTER TABLE messages DROP COLUMN peer_reacted_at;
     ALTER TABLE messages DROP COLUMN metadata;
     DROP TRIGGER files_inserted; DROP TRIGGER files_updated; DROP TRIGGER files_deleted; DROP TABLE file_totals;
     DROP INDEX live_sessions; DROP INDEX saved_contacts; DROP INDEX files_in_profile;
     DROP TRIGGER contacts_inserted; DROP TRIGGER contacts_updated; DROP TABLE contact_totals;
     DROP TRIGGER messages_below_visible; DROP TRIGGER messages_in_hidden_run; DROP TABLE hidden_runs;
     ALTER TABLE chats DROP COLUMN visible_from;
     DROP TABLE quote_blankings; DROP TABLE clearings; DROP TABLE groups;
     ${['blocks', 'contacts'].map((table) => `ALTER TABLE ${table} DROP COLUMN profile; ALTER TABLE ${table} DROP COLUMN gone;`).join('')}
     ALTER TABLE blocks DROP COLUMN seen_at;
     ${['shared_read_id', 'accepted', 'peer_accepted', 'requested_count', 'requested_bytes']
       .map((column) => `ALTER TABLE chats DROP COLUMN ${column};`)
       .join('')}
     DROP TABLE search_blocks; DROP INDEX messages_with_attachments;
     ${['width', 'height', 'duration_ms', 'blur_hash']
       .map((column) => `ALTER TABLE files DROP COLUMN ${column};`)
       .join('')}
     ALTER TABLE chats DROP COLUMN sends_left; ALTER TABLE chats DROP COLUMN sends_at;
     DELETE FROM migrations WHERE id >= 3`,
  )
  await evictDurableObject(stubOf(phone.id))
  stop()
  const sessions = await sessionsOf(phone)
  expect(sessions.map(({ id }) => id).sort()).toEqual([phone.sessionId, desk.sessionId].sort())
  // What is still on its way will arrive as a request.
  const chats = await inMailbox<{ peer_id: string }>(phone.id, 'SELECT peer_id FROM chats WHERE peer_accepted = 0')
  expect(chats.map(({ peer_id }) => peer_id)).toEqual([waiting.id])
  const page = await changes(phone, { cursor })
  expect(byId(page.sessions.flatMap(({ session }) => session ?? []))).toEqual(byId(sessions))
  expect(await changes(phone, { cursor: page.cursor })).toMatchObject({ sessions: [], cursor: page.cursor })
})

test('sessions that share a number all come, whatever the size of a page', async () => {
  const alice = await newUser()
  await signIn(alice.phoneNumber)
  await signIn(alice.phoneNumber)
  // As the migration that gave sessions their numbers leaves them.
  await inMailbox(alice.id, 'UPDATE sessions SET seq = (SELECT max(seq) FROM sessions)')
  await inMailbox(alice.id, 'UPDATE sessions SET first_seq = seq')
  await crash()
  for (const limit of [1, 2, 3]) {
    const seen = new Set<string>()
    let page = await changes(alice, { limit })
    for (; page.hasMore; page = await changes(alice, { limit, cursor: page.cursor }))
      for (const { sessionId } of page.sessions) seen.add(sessionId)
    for (const { sessionId } of page.sessions) seen.add(sessionId)
    expect(seen.size).toBe(3)
  }
})
