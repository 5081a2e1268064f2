import { env } from 'cloudflare:workers'
import { expect, test } from 'vitest'
import type { Tokens } from '../../schemas/authentication'
import type { File } from '../../schemas/file'
import type { Report } from '../../schemas/report'
import { mintId } from '../../src/core/ids'
import { limits } from '../../src/core/limits'
import { call, ok, refused } from '../support/call'
import { delivered, edit, pair, remove, send } from '../support/chat-calls'
import { later } from '../support/clock'
import { injectFaults, interceptCalls } from '../support/delivery-faults'
import { newUser, type TestUser } from '../support/users'

const about = (user: { id: string }, body: object = {}) => ({
  params: { userId: user.id },
  body: { reason: 'spam', ...body },
})

const report = (from: TestUser, to: TestUser, body?: object) =>
  call<Report>('reportUser', about(to, body), { as: from })

/** The query that operators are told to run. */
const reading = `SELECT CASE WHEN m.by_reporter THEN 'reporter' ELSE 'reported' END AS sender, m.text, m.metadata,
  m.file_ids AS files, datetime(m.created_at / 1000, 'unixepoch') AS at FROM reports AS r, json_each(r.evidence) AS e, reported_messages AS m
  WHERE r.id = ? AND m.report_id = e.value ->> 'copyIn' AND m.message_id = e.value ->> 'id' ORDER BY m.message_id`

type Reading = { sender: string; text: string; metadata: string | null; files: string }

const evidenceOf = async (reportId: string) =>
  (await env.DB.prepare(reading).bind(reportId).all<Reading>()).results.map(({ sender, text, files }) => ({
    sender,
    text,
    fileIds: JSON.parse(files),
  }))

/** The reports that the operator has. */
const kept = async (reporter: TestUser) => {
  const { results } = await env.DB.prepare('SELECT * FROM reports WHERE reporter_id = ? ORDER BY id')
    .bind(reporter.id)
    .all<{ id: string; reported_id: string; reason: string; comment: string | null; bytes: number }>()
  return results
}

const copiesOf = async (reporter: TestUser) => {
  const { results } = await env.DB.prepare('SELECT * FROM reported_messages WHERE reporter_id = ? ORDER BY message_id')
    .bind(reporter.id)
    .all<{ message_id: string; text: string }>()
  return results
}

test('a report keeps the messages as they are, whatever happens to them afterward', async () => {
  const [ana, ben] = await pair()
  const { id: fileId } = await ok<File>(
    'uploadFile',
    { raw: 'a bill', query: { name: 'bill.txt' }, headers: { 'Content-Type': 'text/plain' } },
    { as: ben },
  )
  const claim = await send(ben, ana, 'I am your bank', { attachmentFileIds: [fileId] })
  const demand = await send(ben, ana, 'Give me your code')
  await delivered(ben)
  const answer = await send(ana, ben, 'No')
  const messageIds = [demand.id, claim.id, answer.id]
  const { status, body } = await report(ana, ben, { reason: 'fraud', comment: 'Not my bank', messageIds })
  expect(status).toBe(201)
  expect(body).toMatchObject({ userId: ben.id, reason: 'fraud', comment: 'Not my bank' })
  expect(new Set(body.messageIds)).toEqual(new Set(messageIds))

  await edit(ben, claim, 'I am a friend')
  await remove(ben, ana, demand, 'everyone')
  await delivered(ana, ben)
  await ok('clearChat', { params: { chatId: ben.id } }, { as: ana })
  const [row] = await kept(ana)
  expect(row).toMatchObject({ id: body.id, reported_id: ben.id, reason: 'fraud', comment: 'Not my bank' })
  expect(await evidenceOf(body.id)).toEqual([
    { sender: 'reported', text: 'I am your bank', fileIds: [fileId] },
    { sender: 'reported', text: 'Give me your code', fileIds: [] },
    { sender: 'reporter', text: 'No', fileIds: [] },
  ])
})

test('a user can be reported without having written, and despite a block', async () => {
  const [ana, ben] = await pair()
  expect((await report(ana, ben, { reason: 'impersonation' })).body).toMatchObject({ comment: null, messageIds: [] })
  const message = await send(ben, ana, 'Buy this')
  await delivered(ben)
  await ok('blockUser', { params: { userId: ben.id } }, { as: ana })
  expect((await report(ana, ben, { messageIds: [message.id] })).status).toBe(201)
  expect(await kept(ana)).toHaveLength(2)
})

test('a repeated report is the same report for a day, even concurrently; a different report is a new one', async () => {
  const [ana, ben] = await pair()
  const messages = [await send(ana, ben, 'one'), await send(ana, ben, 'two')]
  const messageIds = messages.map(({ id }) => id)
  const body = { comment: 'Again and again', messageIds }
  const answers = await Promise.all(Array.from({ length: 10 }, () => report(ana, ben, body)))
  expect(answers.map(({ status }) => status).toSorted()).toEqual([...Array(9).fill(200), 201])
  expect(new Set(answers.map((answer) => JSON.stringify(answer.body))).size).toBe(1)
  expect(await report(ana, ben, { ...body, messageIds: messageIds.toReversed() })).toMatchObject({ status: 200 })

  const others = [
    {},
    { comment: body.comment },
    { ...body, reason: 'other' },
    { ...body, messageIds: [messages[0]?.id] },
  ]
  for (const other of others) expect((await report(ana, ben, other)).status).toBe(201)
  expect((await report(ana, await newUser(), { comment: body.comment })).status).toBe(201)
  expect((await report(await newUser(), ben, { comment: body.comment })).status).toBe(201)
  expect(await kept(ana)).toHaveLength(6)
  await later(86_400, async () => {
    const { refreshToken } = ana
    const fresh = { ...ana, ...(await ok<Tokens>('refreshTokens', { body: { refreshToken } })) }
    expect((await report(fresh, ben, body)).status).toBe(201)
  })
})

test('each user can make twenty reports a day; the next is refused with a retry time, and repeats still succeed', async () => {
  const [ana, ben] = await pair()
  for (let n = 1; n <= 20; n++) expect((await report(ana, ben, { comment: `${n}` })).status).toBe(201)
  const { headers } = await refused('reportUser', 'reports_exhausted', about(ben, { comment: '21' }), { as: ana })
  const wait = Number(headers.get('Retry-After'))
  expect(wait).toBeGreaterThan(86_000)
  expect(wait).toBeLessThanOrEqual(86_400)
  expect((await report(ana, ben, { comment: '20' })).status).toBe(200)
  expect((await report(ben, ana, { comment: '21' })).status).toBe(201)
  expect(await kept(ana)).toHaveLength(20)
  await later(wait + 1, async () => {
    const { refreshToken } = ana
    const fresh = { ...ana, ...(await ok<Tokens>('refreshTokens', { body: { refreshToken } })) }
    expect((await report(fresh, ben, { comment: '21' })).status).toBe(201)
  })
})

test('concurrent reports are all counted', async () => {
  const [ana, ben] = await pair()
  const answers = await Promise.all(Array.from({ length: 30 }, (_, n) => report(ana, ben, { comment: `${n}` })))
  expect(answers.filter(({ status }) => status === 201)).toHaveLength(20)
  expect(answers.filter(({ status }) => status === 429)).toHaveLength(10)
})

test('a report can name only messages of the chat with that user that the reporter can see', async () => {
  const [ana, ben] = await pair()
  const eva = await newUser()
  const seen = await send(ben, ana, 'to Ana')
  const hidden = await send(ben, ana, 'hidden by Ana')
  const foreign = await send(ben, eva, 'to Eva')
  const note = await send(ana, ana, 'a note')
  await delivered(ben)
  await remove(ana, ben, hidden)
  for (const id of [hidden.id, foreign.id, note.id, mintId('message', Date.now())]) {
    const { body } = await refused('reportUser', 'message_not_found', about(ben, { messageIds: [seen.id, id] }), {
      as: ana,
    })
    expect(body.errors).toMatchObject([{ pointer: '/messageIds/1' }])
  }
  await refused('reportUser', 'message_not_found', about(eva, { messageIds: [foreign.id] }), { as: ana })
  expect(await kept(ana)).toEqual([])
})

test('users cannot report themselves or a user who does not exist', async () => {
  const ana = await newUser()
  await refused('reportUser', 'own_user', about(ana), { as: ana })
  await refused('reportUser', 'user_not_found', about({ id: mintId('user', Date.now()) }), { as: ana })
})

test.for([
  [{ reason: 'boredom' }, '/reason'],
  [{ reason: undefined }, '/reason'],
  [{ comment: ' ' }, '/comment'],
  [{ comment: 'x'.repeat(1_001) }, '/comment'],
  [{ comment: 'a\0b' }, '/comment'],
  [{ messageIds: ['msg_nope'] }, '/messageIds/0'],
  [{ messageIds: Array.from({ length: 21 }, () => mintId('message', 0)) }, '/messageIds'],
  [{ messageIds: Array(2).fill(mintId('message', 0)) }, '/messageIds'],
] as const)('a report of %j is rejected, and the field is named', async ([body, pointer]) => {
  const [ana, ben] = await pair()
  const { body: problem } = await refused('reportUser', 'invalid_request', about(ben, body), { as: ana })
  expect(problem.errors?.map((error) => error.pointer)).toContain(pointer)
})

/** Twenty messages as long as they can be, in the script that takes the most bytes. */
async function longMessages(from: TestUser, to: TestUser, character = '𒀀') {
  await send(to, from, 'Write as much as you like')
  await delivered(to)
  const messageIds: string[] = []
  for (let n = 0; n < 20; n++) messageIds.push((await send(from, to, `a${character.repeat(15_999)}`)).id)
  return messageIds
}

test.each(['\u0001', '𒀀'])(
  'a report of twenty messages that are as long as possible keeps the beginning of each, and takes 40 KiB: %j',
  async (character) => {
    const [ana, ben] = await pair()
    const messageIds = await longMessages(ana, ben, character)
    const comment = `a${character.repeat(999)}`
    const { status, body } = await report(ana, ben, { messageIds, comment })
    expect(status).toBe(201)
    const texts = (await evidenceOf(body.id)).map(({ text }) => text)
    expect(texts).toHaveLength(20)
    for (const text of texts) {
      expect(text).toBe(`a${character.repeat([...text].length - 1)}`)
      expect(Buffer.byteLength(text)).toBeGreaterThan(limits.reportTextBytesMin - 4)
    }
    expect([...(texts[0] ?? '')].length).toBeGreaterThan(2_000)
    const [row] = await kept(ana)
    expect(row?.bytes).toBeGreaterThan(0.95 * limits.reportBytesMax)
    expect(row?.bytes).toBeLessThanOrEqual(limits.reportBytesMax)
  },
)

test('a report has the metadata of its messages, each as a whole, as far as there is room', async () => {
  const [ana, ben] = await pair()
  await send(ben, ana, 'Write as much as you like')
  await delivered(ben)
  const metadataOf = (n: number) => ({ fill: '𒀀'.repeat(1_000), n })
  const messageIds: string[] = []
  for (let n = 0; n < 20; n++)
    messageIds.push((await send(ana, ben, 'x'.repeat(1_000), { metadata: metadataOf(n) })).id)
  const copied = async (reportId: string): Promise<string[]> => {
    const { results } = await env.DB.prepare(reading).bind(reportId).all<Reading>()
    return results.map(({ metadata }) => metadata ?? 'no room')
  }
  const { body: long } = await report(ana, ben, { messageIds })
  const inLong = await copied(long.id)
  const first = inLong.slice(0, inLong.indexOf('no room'))
  expect(first.length).toBeGreaterThan(1)
  expect(inLong).toEqual([
    ...first.map((_, n) => JSON.stringify(metadataOf(n))),
    ...Array(20 - first.length).fill('no room'),
  ])
  const [row] = await kept(ana)
  expect(row?.bytes).toBeGreaterThan(0.85 * limits.reportBytesMax)
  expect(row?.bytes).toBeLessThanOrEqual(limits.reportBytesMax)

  const { body: short } = await report(ana, ben, { messageIds: [messageIds[0], messageIds[19]] })
  expect(await copied(short.id)).toEqual([0, 19].map((n) => JSON.stringify(metadataOf(n))))
  const copies = await copiesOf(ana)
  expect([0, 19].map((n) => copies.filter(({ message_id }) => message_id === messageIds[n]).length)).toEqual([1, 2])
})

test('a message is copied once for each reporter, however many of their reports name it, and again once it has changed', async () => {
  const [ana, ben] = await pair()
  const [one, two] = [await send(ben, ana, 'one'), await send(ben, ana, 'two')]
  await delivered(ben)
  const reports = [
    await report(ana, ben, { messageIds: [one.id] }),
    await report(ana, ben, { messageIds: [one.id, two.id], comment: 'both' }),
    await report(ben, ana, { messageIds: [one.id] }),
  ]
  expect((await copiesOf(ana)).map(({ text }) => text)).toEqual(['one', 'two'])
  expect((await copiesOf(ben)).map(({ text }) => text)).toEqual(['one'])
  await edit(ben, one, 'one, edited')
  await delivered(ben)
  reports.push(await report(ana, ben, { messageIds: [one.id], comment: 'edited' }))
  const texts = await Promise.all(reports.map(({ body }) => evidenceOf(body.id)))
  expect(texts.map((copies) => copies.map(({ text }) => text))).toEqual([
    ['one'],
    ['one', 'two'],
    ['one'],
    ['one, edited'],
  ])
  expect(await copiesOf(ana)).toHaveLength(3)
})

test('the reports of a user take 80 KiB a day; the next is refused with a retry time, unless its messages are already copied', async () => {
  const [ana, ben] = await pair()
  const messageIds = await longMessages(ana, ben)
  const more = await longMessages(ana, ben)
  expect((await report(ana, ben, { messageIds })).status).toBe(201)
  expect((await report(ana, ben, { messageIds: more.slice(0, 2) })).status).toBe(201)
  for (const reason of ['fraud', 'other'])
    expect((await report(ana, ben, { messageIds: messageIds.slice(0, 2), reason })).status).toBe(201)
  const tooMuch = about(ben, { messageIds: more.slice(10) })
  const { headers } = await refused('reportUser', 'reports_exhausted', tooMuch, { as: ana })
  const wait = Number(headers.get('Retry-After'))
  expect(wait).toBeGreaterThan(86_000)
  expect(wait).toBeLessThanOrEqual(86_400)
  const bytes = (await kept(ana)).reduce((sum, row) => sum + row.bytes, 0)
  expect(bytes).toBeGreaterThan(70 * 1024)
  expect(bytes).toBeLessThanOrEqual(limits.reportBytesPerDay)
  await later(wait + 1, async () => {
    const { refreshToken } = ana
    const fresh = { ...ana, ...(await ok<Tokens>('refreshTokens', { body: { refreshToken } })) }
    expect(await call('reportUser', tooMuch, { as: fresh })).toMatchObject({ status: 201 })
  })
})

test('a report made while the reported user is being erased leaves no row about them', async () => {
  const [ana, ben] = await pair()
  const restore = interceptCalls(async (one) => {
    if (one.method === 'collectEvidence') await env.DB.prepare('DELETE FROM users WHERE id = ?').bind(ben.id).run()
    return one.make()
  })
  try {
    await refused('reportUser', 'user_not_found', about(ben), { as: ana })
  } finally {
    restore()
  }
  expect(await kept(ana)).toEqual([])
})

test('an ended session cannot report anyone', async () => {
  const [ana, ben] = await pair()
  await ok('logout', {}, { as: ana })
  await refused('reportUser', 'session_ended', about(ben), { as: ana })
})

test('the reported user is not told', async () => {
  const [ana, ben] = await pair()
  const message = await send(ben, ana, 'hello')
  await delivered(ana, ben)
  const [faults, restore] = injectFaults(() => 'none')
  const before = await ok('listChanges', {}, { as: ben })
  expect((await report(ana, ben, { messageIds: [message.id] })).status).toBe(201)
  await delivered(ana, ben)
  restore()
  expect(await ok('listChanges', {}, { as: ben })).toEqual(before)
  expect(faults.counts.none).toBe(0)
})
