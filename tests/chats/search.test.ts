import { runDurableObjectAlarm, runInDurableObject } from 'cloudflare:test'
import { env } from 'cloudflare:workers'
import { describe, expect, test, vi } from 'vitest'
import type { Message } from '../../schemas/message'
import type { MessageHits } from '../../schemas/search'
import { mintId } from '../../src/core/ids'
import { limits } from '../../src/core/limits'
import { ok, refused } from '../support/call'
import { befriend, friends } from '../support/chat-calls'
import { inMailbox, ringUntilDelivered } from '../support/delivery-faults'
import { countRows } from '../support/storage-costs'
import { newUser, type TestUser } from '../support/users'

const send = (from: TestUser, to: TestUser, text: string) =>
  ok<Message>(
    'sendMessage',
    { params: { chatId: to.id }, body: { clientMessageId: crypto.randomUUID(), text } },
    { as: from },
  )

const page = (user: TestUser, query: Record<string, string | number>) =>
  ok<MessageHits>('searchMessages', { query }, { as: user })

/** The texts that a search returns, newest first. */
const find = async (user: TestUser, q: string, chat?: TestUser) =>
  (await page(user, { q, limit: limits.pageMax, ...(chat && { chatId: chat.id }) })).items.map(({ text }) => text)

const at = (peer: TestUser, message: Message) => ({ chatId: peer.id, messageId: message.id })

const edit = (user: TestUser, peer: TestUser, message: Message, text: string) =>
  ok('editMessage', { params: at(peer, message), body: { text } }, { as: user })

const remove = (user: TestUser, peer: TestUser, message: Message, scope: 'me' | 'everyone') =>
  ok('deleteMessage', { params: at(peer, message), query: { scope } }, { as: user })

const clear = (user: TestUser, peer: TestUser) => ok('clearChat', { params: { chatId: peer.id } }, { as: user })

const delivered = (...users: TestUser[]) => ringUntilDelivered(users.map(({ id }) => id))

const stubOf = (user: TestUser) => env.MAILBOX.get(env.MAILBOX.idFromName(user.id))

const indexed = async (user: TestUser) =>
  (await inMailbox<{ count: number }>(user.id, 'SELECT count(*) AS count FROM search'))[0]?.count

/** Contacts of each other: requests are not searched. */
const pair = friends

describe('a word is found', () => {
  test.for([
    ['by its prefix', 'The lighthouse keeper', ['lighthouse', 'light', 'l'], ['house', 'lighthouses']],
    ['in any letter case', 'Grüße aus KÖLN', ['köln', 'KÖLN', 'Grüße', 'GRÜSSE'], []],
    ['with and without its accents', 'Crème brûlée, déjà vu', ['creme', 'brulee', 'crème', 'DEJA'], ['crema']],
    ['whether decomposed or not', 'e\u0301cole', ['école', 'ecole', 'e\u0301cole'], []],
    ['with its umlauts left out', 'über Straße', ['uber', 'strasse', 'straße', 'STRASSE'], []],
    ['in Polish, Danish and French letters', 'Łódź Øresund œuvre', ['lodz', 'oresund', 'oeuvre'], []],
    ['in Vietnamese', 'Đường phố Việt Nam', ['duong', 'viet', 'Việt'], []],
    ['in Turkish, with either i', 'IŞIK ılık İstanbul', ['ışık', 'isik', 'ilik', 'istanbul', 'ISTANBUL'], []],
    ['in Greek, with either sigma', 'Ο ΔΡΌΜΟΣ', ['δρόμος', 'δρομοσ', 'ΔΡΟΜΟΣ'], []],
    ['in Cyrillic', 'Всё хорошо, Ёжик', ['все', 'ВСЁ', 'ежик', 'хорош'], ['орошо']],
    ['in Arabic, with and without vowel points', 'مُحَمَّدٌ في الـــبيت أَحمد', ['محمد', 'مُحَمَّد', 'البيت', 'احمد'], ['بيت']],
    ['in Quranic Arabic', 'لَيۡلَةِ ٱلۡقَدۡرِ', ['ليلة'], []],
    ['in Persian, with and without joiners', 'می‌خواهم', ['میخواهم', 'می‌خوا'], []],
    ['in Hebrew, with and without points', 'שָׁלוֹם', ['שלום', 'שָׁלוֹם', 'שלו'], []],
    ['in Hindi, whose marks make the word', 'नमस्ते दुनिया', ['नमस्ते', 'दुनिया'], ['दनया']],
    ['in Thai, which has no spaces', 'ฉันไปโรงเรียนน้ำดื่ม', ['โรงเรียน', 'โรง', 'น้ำ', 'ไปโรงเรียน'], ['เรียนน']],
    [
      'in Chinese, which has no spaces either',
      '我昨天在北京看书',
      ['昨天', '北京', '看书', '北京看书', '京'],
      ['今天'],
    ],
    ['in Chinese, by its later characters', '她去清华大学找留学生', ['清华', '大学', '学生'], ['小学']],
    ['in Japanese', '私は東京大学でカタカナを学ぶ', ['東京', '大学', 'カタ', 'ｶﾀｶﾅ'], ['ガ']],
    ['in Japanese, whether decomposed or not', 'がんばる'.normalize('NFD'), ['がんばる', 'がん'], ['かんはる']],
    ['in Korean, before its particle', '한국은 아름답다', ['한국', '한', '아름'], ['국은', '하']],
    ['in letters of other widths', 'ＡＢＣ１２３ ﬁne', ['abc', 'fine'], []],
    ['outside the Basic Multilingual Plane', '𞤀𞤣𞤤𞤢𞤥 𠀀', ['𞤀𞤣𞤤', '𞤢𞤣𞤤𞤢𞤥', '𠀀'], []],
    [
      'on either side of its apostrophe',
      'l’homme didn’t',
      ["l'homme", 'l’homm', 'homme', "didn't"],
      ["didn'x", "t'didn"],
    ],
    [
      'as a number, a tag, a name or an address',
      '#sale 42.50 snake_case a@b.example',
      ['sale', '42', '42.5', 'case', 'example'],
      ['2.50'],
    ],
  ] as const)('%s', async ([, text, found, missed]) => {
    const alice = await newUser()
    await send(alice, alice, text)
    await send(alice, alice, 'quite another 🎉 thing')
    for (const q of found) expect(await find(alice, q), q).toEqual([text])
    for (const q of missed) expect(await find(alice, q), q).toEqual([])
  })

  test('together with every other word of the query, in any order', async () => {
    const alice = await newUser()
    await send(alice, alice, 'one two three')
    await send(alice, alice, 'three four')
    expect(await find(alice, 'thr two')).toEqual(['one two three'])
    expect(await find(alice, 'THREE')).toEqual(['three four', 'one two three'])
    expect(await find(alice, 'two four')).toEqual([])
  })
})

describe('a query', () => {
  test.for([
    'alpha OR zebra',
    'alpha NOT zebra',
    'NEAR(alpha zebra)',
    'alpha AND zebra AND',
    'zebra"',
    '"alpha" OR "zebra',
    'zebra*)',
    '^zebra',
    'words:zebra',
    'chat : alpha',
    '-zebra',
    '{words chat} : zebra',
    'zebra + alpha',
    "zebra' OR 1=1 --",
  ])('is never parsed as syntax: %s', async (q) => {
    const alice = await newUser()
    await send(alice, alice, 'alpha beta')
    expect(await find(alice, q)).toEqual([])
    const whole = q.replaceAll(/\W+/g, ' ')
    await send(alice, alice, whole)
    expect(await find(alice, q)).toEqual([whole])
  })

  test('does not match what the index stores besides words', async () => {
    const [alice, bob] = await pair()
    const message = await send(alice, bob, 'hello')
    for (const q of [bob.id, bob.id.slice(4), message.id, message.id.slice(4)]) expect(await find(alice, q)).toEqual([])
  })

  test.for(['🎉', '?!', '  ', '…', '"', '*', 'ﹰ'])('without a word is rejected: %s', async (q) => {
    const alice = await newUser()
    const { body } = await refused('searchMessages', 'invalid_request', { query: { q } }, { as: alice })
    expect(body.errors?.map(({ pointer }) => pointer)).toEqual(['/query/q'])
  })

  test('is limited in characters and in words', async () => {
    const alice = await newUser()
    const refuse = (q: string) => refused('searchMessages', 'invalid_request', { query: { q } }, { as: alice })
    const words = (count: number) => Array.from({ length: count }, (_, n) => `w${n}`).join(' ')
    for (const q of ['', 'x'.repeat(limits.searchCharactersMax + 1), words(limits.searchWordsMax + 1)])
      expect((await refuse(q)).body.errors?.map(({ pointer }) => pointer)).toEqual(['/query/q'])
    await send(alice, alice, words(limits.searchWordsMax))
    expect(await find(alice, words(limits.searchWordsMax))).toHaveLength(1)
    expect(await find(alice, '𝄞x'.repeat(limits.searchCharactersMax / 2))).toEqual([])
  })

  test('with a cursor of another list is rejected', async () => {
    const alice = await newUser()
    const query = { q: 'x', cursor: Buffer.from('{"at":"before"}').toString('base64url') }
    await refused('searchMessages', 'invalid_request', { query }, { as: alice })
  })
})

describe('a search', () => {
  test('covers every chat of the user, received and sent, and nobody else’s', async () => {
    const [alice, bob] = await pair()
    const carol = await newUser()
    await befriend(bob, carol)
    const sent = await send(alice, bob, 'word to bob')
    await send(bob, carol, 'word to carol')
    await send(alice, alice, 'word to self')
    await delivered(alice, bob, carol)
    expect((await find(alice, 'word')).toSorted()).toEqual(['word to bob', 'word to self'])
    expect((await find(bob, 'word')).toSorted()).toEqual(['word to bob', 'word to carol'])
    expect(await find(carol, 'word')).toEqual(['word to carol'])
    const { items } = await page(bob, { q: 'word', chatId: alice.id })
    expect(items).toEqual([await ok('getMessage', { params: at(alice, sent) }, { as: bob })])
  })

  test('can be limited to one chat', async () => {
    const [alice, bob] = await pair()
    const carol = await newUser()
    await send(alice, bob, 'word to bob')
    await send(alice, carol, 'word to carol')
    expect(await find(alice, 'word', bob)).toEqual(['word to bob'])
    expect(await find(alice, 'word', carol)).toEqual(['word to carol'])
    await refused('searchMessages', 'chat_not_found', { query: { q: 'word', chatId: carol.id } }, { as: bob })
  })

  test('returns pages, newest first, that contain every hit once', async () => {
    const [alice, bob] = await pair()
    const sent: string[] = []
    for (let n = 0; n < 6; n++) {
      sent.push((await send(alice, n % 2 ? alice : bob, `word ${n}`)).text)
      await send(alice, bob, 'another')
    }
    const pages: string[][] = []
    let cursor: string | null = null
    do {
      const { items, nextCursor }: MessageHits = await page(alice, { q: 'word', limit: 3, ...(cursor && { cursor }) })
      pages.push(items.map(({ text }) => text))
      cursor = nextCursor
      await send(alice, bob, 'a later word')
    } while (cursor !== null)
    expect(pages.map((texts) => texts.length)).toEqual([3, 3])
    expect(pages.flat()).toEqual(sent.toReversed())
  })

  test('distinguishes messages of the same millisecond in different chats', async () => {
    const alice = await newUser()
    const peers = [await newUser(), await newUser(), await newUser()]
    for (const peer of peers) await send(alice, peer, 'opening')
    await delivered(alice, ...peers)
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 60_000 })
    for (const peer of peers) await send(alice, peer, `same ${peer.id}`)
    vi.useRealTimers()
    expect((await inMailbox(alice.id, 'SELECT DISTINCT rowid / 4096 AS ms FROM search')).length).toBe(4)
    expect((await find(alice, 'same')).toSorted()).toEqual(peers.map(({ id }) => `same ${id}`).toSorted())
  })
})

describe('search immediately reflects', () => {
  test('an edit, on both sides', async () => {
    const [alice, bob] = await pair()
    const message = await send(alice, bob, 'before')
    await delivered(alice, bob)
    await edit(alice, bob, message, 'after')
    await delivered(alice, bob)
    for (const user of [alice, bob]) {
      expect(await find(user, 'after')).toEqual(['after'])
      expect(await find(user, 'before')).toEqual([])
      expect(await indexed(user)).toBe(1)
    }
  })

  test('a deletion for everyone, on both sides', async () => {
    const [alice, bob] = await pair()
    const message = await send(alice, bob, 'word')
    await delivered(alice, bob)
    await remove(alice, bob, message, 'everyone')
    await delivered(alice, bob)
    for (const user of [alice, bob]) {
      expect(await find(user, 'word')).toEqual([])
      expect(await indexed(user)).toBe(0)
    }
  })

  test('a deletion for one user, on one side', async () => {
    const [alice, bob] = await pair()
    const message = await send(alice, bob, 'word')
    await remove(alice, bob, message, 'me')
    expect(await find(alice, 'word')).toEqual([])
    expect(await indexed(alice)).toBe(0)
    await delivered(alice, bob)
    expect(await find(bob, 'word')).toEqual(['word'])
  })

  test('the clearing of a chat, on one side, and what comes after it', async () => {
    const [alice, bob] = await pair()
    const early = await send(alice, bob, 'word one')
    await send(bob, bob, 'word of a note')
    await delivered(alice, bob)
    await send(bob, alice, 'word two')
    await delivered(alice, bob)
    await clear(bob, alice)
    expect(await find(bob, 'word')).toEqual(['word of a note'])
    expect(await indexed(bob)).toBe(1)
    expect(await find(alice, 'word')).toEqual(['word two', 'word one'])

    await edit(alice, bob, early, 'word edited')
    await send(alice, bob, 'word three')
    await delivered(alice, bob)
    expect((await find(bob, 'word')).toSorted()).toEqual(['word of a note', 'word three'])
    expect(await find(bob, 'word', alice)).toEqual(['word three'])
    expect(await indexed(bob)).toBe(2)
  })
})

const dayMs = 86_400_000
let filledDays = 0

/** Inserts messages and their index rows directly into the tables; each call uses a day of its own. */
async function fill(user: TestUser, peer: TestUser, count: number) {
  const start = Date.now() - (100 - ++filledDays) * dayMs
  const rows = Array.from({ length: count }, (_, n) => ({
    id: mintId('message', start + n),
    place: (start + n - Date.UTC(2020, 0, 1)) * 4096,
  }))
  await runInDurableObject(stubOf(user), (_, { storage: { sql } }) => {
    const columns = sql.exec<{ name: string }>(`SELECT name FROM pragma_table_info('messages')`).toArray()
    const names = columns.map(({ name }) => name)
    const values = names.map((name) =>
      name === 'id' ? `value ->> 'id'` : name === 'text' ? `'word'` : name === 'client_message_id' ? 'NULL' : name,
    )
    sql.exec(
      `INSERT INTO messages (${names.join()}) SELECT ${values.join()}
       FROM json_each(?) JOIN (SELECT * FROM messages WHERE chat_id = ? ORDER BY id LIMIT 1) AS model`,
      JSON.stringify(rows),
      peer.id,
    )
    sql.exec(
      `INSERT INTO search (rowid, words, chat, chat_id, message_id)
       SELECT value ->> 'place', 'word', ?, ?, value ->> 'id' FROM json_each(?)`,
      peer.id.slice(4),
      peer.id,
      JSON.stringify(rows),
    )
  })
}

const work = async (user: TestUser, act: () => Promise<unknown>) => {
  const rows = await countRows(user.id, act)
  console.info(rows)
  return rows
}

describe('search costs', () => {
  const thousands = 5_000

  test('one row written per message in each mailbox, and none for a message without words', async () => {
    const [alice, bob] = await pair()
    await send(alice, bob, 'opening')
    await delivered(alice, bob)
    // Whether an alarm is set depends on what ran last.
    const sending = async (text: string) => {
      const rows = await work(alice, async () => {
        await send(alice, bob, text)
        await delivered(alice, bob)
      })
      return rows.written - rows.alarms
    }
    const without = await sending('👍')
    expect((await sending('a text of a few words')) - without).toBe(2)
    for (const text of ['word '.repeat(2_000), 'ﷺ1'.repeat(8_000), `a${'\u0E38\u0E48'.repeat(7_999)}`])
      expect((await sending(text)) - without).toBe(2)
  })

  test('as much for a page of a few hits as of thousands, and within a small chat next to a long one', async () => {
    const [alice, bob] = await pair()
    await send(alice, bob, 'word')
    await send(alice, alice, 'word')
    await delivered(alice, bob)
    const reading = async (query: Record<string, string | number>) =>
      (await work(alice, () => page(alice, { q: 'word', ...query }))).read
    await fill(alice, bob, 10)
    const few = await reading({ limit: 10 })
    const small = await reading({ chatId: alice.id })
    await fill(alice, bob, thousands)
    expect(await reading({ limit: 10 })).toBe(few)
    expect(await reading({ chatId: alice.id })).toBe(small)

    const { nextCursor } = await page(alice, { q: 'word', limit: limits.pageMax })
    expect(await reading({ limit: 10, cursor: nextCursor ?? '' })).toBeLessThanOrEqual(few + 5)
    const note = await send(alice, alice, 'note')
    const editing = await work(alice, () => edit(alice, alice, note, 'changed'))
    expect(editing.read).toBeLessThan(50)
  })

  test('nothing more after a long chat is cleared: it leaves the index slice by slice', async () => {
    const [alice, bob] = await pair()
    await send(alice, alice, 'word before')
    await send(alice, bob, 'word to bob')
    await delivered(alice, bob)
    const reading = async () => (await work(alice, () => find(alice, 'word'))).read
    await clear(alice, bob)
    const alone = await reading()
    await send(alice, bob, 'word again')
    await delivered(alice, bob)

    await fill(alice, bob, 3 * limits.searchRemovalsMax)
    await clear(alice, bob)
    await send(alice, bob, 'word after')
    const wanted = ['word after', 'word before']
    expect(await find(alice, 'word')).toEqual(wanted)
    for (let round = 0; round < 10; round++) await runDurableObjectAlarm(stubOf(alice))
    await delivered(alice, bob)
    expect(await find(alice, 'word')).toEqual(wanted)
    expect(await indexed(alice)).toBe(2)
    expect(await reading()).toBeLessThanOrEqual(alone + 10)
    expect(await inMailbox(alice.id, 'SELECT * FROM search_clearings')).toEqual([])
  })
})
