import { evictDurableObject, runDurableObjectAlarm, runInDurableObject } from 'cloudflare:test'
import { env } from 'cloudflare:workers'
import { describe, expect, test, vi } from 'vitest'
import { addTerms, signatureOf } from '../../objects/durable/signature'
import { foldText } from '../../objects/durable/words'
import type { Message } from '../../schemas/message'
import type { MessageHits } from '../../schemas/search'
import { idTime, mintId } from '../../src/core/ids'
import { limits } from '../../src/core/limits'
import { alarmIn } from '../support/alarms'
import { ok, refused } from '../support/call'
import { befriend, friends } from '../support/chat-calls'
import { inMailbox, ringUntilDelivered } from '../support/delivery-faults'
import { indexAll, indexAnew } from '../support/search-index'
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
    ['in Thai, which has no spaces', 'ฉันไปโรงเรียนน้ำดื่ม', ['โรงเรียน', 'โรง', 'โ', 'เรีย', 'น้ำ', 'ไปโรงเรียน'], ['เรียนร']],
    [
      'in Chinese, which has no spaces either',
      '我昨天在北京看书',
      ['昨天', '北京', '看书', '北京看书', '京'],
      ['今天'],
    ],
    ['in Chinese, by its later characters', '她去清华大学找留学生', ['清华', '大学', '学生'], ['小学']],
    ['in Japanese', '私は東京大学でカタカナを学ぶ', ['東京', '大学', 'カタ', 'ｶﾀｶﾅ'], ['ガ']],
    ['in Japanese, whether decomposed or not', 'がんばる'.normalize('NFD'), ['がんばる', 'がん'], ['かんはる']],
    [
      'in Korean, before its particle',
      '한국은 아름답다',
      ['한국', '한', '하', 'ㅎ', '한ㄱ', '한구', '아름'],
      ['국은', '르'],
    ],
    ['in Lao', 'ຂອບໃຈຫຼາຍໆ', ['ຂອບ', 'ຂອບໃຈ', 'ໃຈ', 'ຫຼາຍ'], ['ໃຈຂ']],
    ['in Ukrainian, with any apostrophe', 'мʼята п’ять', ["м'ята", 'м’ят', 'мята', "п'ять", 'ять'], ['та']],
    ['in Arabic and Persian letters', 'علی کتاب مدرسه', ['علي', 'على', 'كتاب', 'مدرسة'], ['تاب']],
    ['in Hebrew, before a letter that ends it', 'שלום עולם', ['שלומ', 'עול', 'עולמ'], ['ולם']],
    ['in digits of any script', '٤٢ १२', ['42', '٤', '12'], ['2 1']],
    ['in capital sharp s', 'STRAẞE', ['straße', 'STRASSE', 'strass'], []],
    ['in letters of other widths', 'ＡＢＣ１２３ ﬁne', ['abc', 'fine'], []],
    ['outside the Basic Multilingual Plane', '𞤀𞤣𞤤𞤢𞤥 𠀀', ['𞤀𞤣𞤤', '𞤢𞤣𞤤𞤢𞤥', '𠀀'], []],
    [
      'on either side of its apostrophe',
      'l’homme didn’t',
      ["l'homme", 'l’homm', 'homme', 'lhomme', "didn't", 'didnt', 'didn`t', "didn'"],
      ["didn'x", "t'didn", 'omme', 'idnt'],
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
    const snippet = [
      { text: 'word', isMatch: true },
      { text: ' to bob', isMatch: false },
    ]
    const message = await ok<Message>('getMessage', { params: at(alice, sent) }, { as: bob })
    expect(items).toEqual([{ ...message, snippet }])
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
    expect((await find(alice, 'same')).toSorted()).toEqual(peers.map(({ id }) => `same ${id}`).toSorted())
  })
})

describe('a search finds only', () => {
  const texts = async (user: TestUser, query: Record<string, string | number>) =>
    (await page(user, { q: 'word', ...query })).items.map(({ text }) => text)

  test('what one user sent', async () => {
    const [alice, bob] = await pair()
    await send(alice, bob, 'word of alice')
    await delivered(alice, bob)
    await send(bob, alice, 'word of bob')
    await delivered(alice, bob)
    await send(alice, alice, 'word to self')
    const stranger = await newUser()
    expect(await texts(alice, { senderId: bob.id })).toEqual(['word of bob'])
    expect((await texts(alice, { senderId: alice.id })).toSorted()).toEqual(['word of alice', 'word to self'])
    expect(await texts(alice, { senderId: alice.id, chatId: bob.id })).toEqual(['word of alice'])
    expect(await texts(alice, { senderId: bob.id, chatId: alice.id })).toEqual([])
    expect(await texts(alice, { senderId: stranger.id })).toEqual([])
  })

  test('what was sent within a time', async () => {
    const alice = await newUser()
    await send(alice, alice, 'opening')
    const ids = await fill(alice, alice, 3)
    const [, at = ''] = ids
    const second = new Date(idTime(at)).toISOString()
    const third = new Date(idTime(at) + 1).toISOString()
    const found = async (query: Record<string, string>) =>
      (await page(alice, { q: 'word', ...query })).items.map(({ id }) => ids.indexOf(id))
    expect(await found({ after: second })).toEqual([2, 1])
    expect(await found({ before: second })).toEqual([0])
    expect(await found({ after: second, before: third })).toEqual([1])
    expect(await found({ after: third, before: second })).toEqual([])
    const query = { q: 'word', after: second, limit: 1 }
    const { nextCursor } = await page(alice, query)
    expect((await page(alice, { ...query, cursor: nextCursor ?? '' })).items.map(({ id }) => id)).toEqual([at])
    await refused('searchMessages', 'invalid_request', { query: { q: 'word', after: 'yesterday' } }, { as: alice })
  })

  test('what has attachments', async () => {
    const alice = await newUser()
    const upload = { raw: 'bytes', query: { name: 'a.txt' }, headers: { 'Content-Type': 'text/plain' } }
    const { id } = await ok<{ id: string }>('uploadFile', upload, { as: alice })
    await send(alice, alice, 'word without')
    const body = { clientMessageId: crypto.randomUUID(), text: 'word with', attachmentFileIds: [id] }
    await ok('sendMessage', { params: { chatId: alice.id }, body }, { as: alice })
    expect(await texts(alice, { hasAttachments: 'true' })).toEqual(['word with'])
    expect(await texts(alice, { hasAttachments: 'false' })).toEqual(['word with', 'word without'])
  })
})

test('a hit comes with the part of its text that matches', async () => {
  const alice = await newUser()
  await send(alice, alice, 'Did you see the Lighthouse?')
  const [hit] = (await page(alice, { q: 'lighth did' })).items
  expect(hit?.snippet).toEqual([
    { text: 'Did', isMatch: true },
    { text: ' you see the ', isMatch: false },
    { text: 'Lighth', isMatch: true },
    { text: 'ouse?', isMatch: false },
  ])
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
    }
  })

  test('a deletion for one user, on one side', async () => {
    const [alice, bob] = await pair()
    const message = await send(alice, bob, 'word')
    await remove(alice, bob, message, 'me')
    expect(await find(alice, 'word')).toEqual([])
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
    expect(await find(alice, 'word')).toEqual(['word two', 'word one'])

    await edit(alice, bob, early, 'word edited')
    await send(alice, bob, 'word three')
    await delivered(alice, bob)
    expect((await find(bob, 'word')).toSorted()).toEqual(['word of a note', 'word three'])
    expect(await find(bob, 'word', alice)).toEqual(['word three'])
  })
})

/** The blocks of an index that hold something, oldest first. */
const blocksOf = (user: TestUser) =>
  runInDurableObject(stubOf(user), (_, { storage: { sql } }) =>
    sql
      .exec<{ chats: string; signature: ArrayBuffer; rebuild_at: number | null }>(
        'SELECT chats, signature, rebuild_at FROM search_blocks ORDER BY start',
      )
      .toArray()
      .map(({ chats, signature, rebuild_at }) => ({
        chats: JSON.parse(chats),
        signature: Buffer.from(signature).toString('hex'),
        isDue: rebuild_at !== null,
      })),
  )

/** What an index holds that was made of these texts alone, in one block. */
function blockOf(peers: TestUser[], ...texts: string[]) {
  const terms = new Set<number>()
  for (const text of texts) addTerms(foldText(text), terms)
  const signature = Buffer.from(signatureOf(terms)).toString('hex')
  return [{ chats: peers.map(({ id }) => id), signature, isDue: false }]
}

describe('the index forgets', () => {
  const forgets = async (user: TestUser, peers: TestUser[], ...texts: string[]) => {
    await indexAll(user)
    expect(await blocksOf(user)).toEqual(blockOf(peers, ...texts))
  }

  async function indexed() {
    const [alice, bob] = await pair()
    const message = await send(alice, bob, 'a secret')
    await send(alice, bob, 'left')
    await delivered(alice, bob)
    for (const user of [alice, bob]) await indexAll(user)
    expect(await blocksOf(alice)).toEqual(blockOf([bob], 'a secret', 'left'))
    expect(await blocksOf(bob)).toEqual(blockOf([alice], 'a secret', 'left'))
    return { alice, bob, message }
  }

  const isSoon = async (user: TestUser) => {
    const isSet = async () => {
      const wait = await alarmIn(user.id)
      return wait > 0 && wait <= limits.searchForgetMs
    }
    await expect.poll(isSet).toBe(true)
  }

  test('what was edited away, on both sides', async () => {
    const { alice, bob, message } = await indexed()
    await edit(alice, bob, message, 'changed')
    await isSoon(alice)
    await delivered(alice, bob)
    await forgets(alice, [bob], 'changed', 'left')
    await forgets(bob, [alice], 'changed', 'left')
  })

  test('what was deleted for everyone, on both sides', async () => {
    const { alice, bob, message } = await indexed()
    await remove(alice, bob, message, 'everyone')
    await isSoon(alice)
    await delivered(alice, bob)
    await forgets(alice, [bob], 'left')
    await forgets(bob, [alice], 'left')
  })

  test('what was hidden, on one side', async () => {
    const { alice, bob, message } = await indexed()
    await remove(alice, bob, message, 'me')
    await isSoon(alice)
    await forgets(alice, [bob], 'left')
    expect(await blocksOf(bob)).toEqual(blockOf([alice], 'a secret', 'left'))
  })

  test('what was cleared, on one side', async () => {
    const { alice, bob } = await indexed()
    await send(alice, alice, 'a note')
    await clear(alice, bob)
    await runDurableObjectAlarm(stubOf(alice))
    await isSoon(alice)
    await forgets(alice, [alice], 'a note')
    expect(await blocksOf(bob)).toEqual(blockOf([alice], 'a secret', 'left'))
  })

  test('all of it with the search that comes first', async () => {
    const { alice, bob, message } = await indexed()
    await edit(alice, bob, message, 'changed')
    expect(await find(alice, 'left')).toEqual(['left'])
    expect(await blocksOf(alice)).toEqual(blockOf([bob], 'changed', 'left'))
  })
})

const dayMs = 86_400_000
let filledDays = 0

/** Inserts messages directly into the tables, each call into a day of its own, and has the index begin anew. */
async function fill(user: TestUser, peer: TestUser, count: number, text = 'word') {
  const start = Date.now() - (100 - ++filledDays) * dayMs
  const ids = Array.from({ length: count }, (_, n) => mintId('message', start + n))
  await runInDurableObject(stubOf(user), (_, { storage: { sql } }) => {
    sql.exec(
      `INSERT INTO messages (chat_id, id, seq, mine, text, created_at, hidden, refused)
       SELECT ?, value, 0, 1, ?, 0, 0, 0 FROM json_each(?)`,
      peer.id,
      text,
      JSON.stringify(ids),
    )
  })
  await indexAnew(user)
  return ids
}

const work = async (user: TestUser, act: () => Promise<unknown>) => {
  const rows = await countRows(user.id, act)
  console.info(rows)
  return rows
}

/** Reads a search to its end. Returns the texts, and how many pages they took. */
async function readAll(user: TestUser, query: Record<string, string | number>) {
  const found: string[] = []
  let pages = 0
  for (let cursor: string | null = ''; cursor !== null; pages++) {
    const { items, nextCursor }: MessageHits = await page(user, { ...query, ...(cursor && { cursor }) })
    found.push(...items.map(({ text }) => text))
    cursor = nextCursor
  }
  return { found, pages }
}

describe('search costs', () => {
  const thousands = 5_000

  test('no row when a message is sent or arrives', async () => {
    const [alice, bob] = await pair()
    await send(alice, bob, 'opening')
    await delivered(alice, bob)
    const rows = await work(alice, async () => {
      for (const text of ['a text of a few words', 'word '.repeat(2_000)]) await send(alice, bob, text)
      await delivered(alice, bob)
    })
    expect(rows.search).toBe(0)
  })

  test('as much for a page of a few hits as of thousands, and within a small chat next to a long one', async () => {
    const [alice, bob] = await pair()
    await send(alice, bob, 'word')
    await send(alice, alice, 'word')
    await delivered(alice, bob)
    const reading = async (query: Record<string, string | number>) => {
      await page(alice, { q: 'word' })
      return (await work(alice, () => page(alice, { q: 'word', ...query }))).read
    }
    await fill(alice, bob, 200)
    const few = await reading({ limit: 10 })
    await fill(alice, bob, thousands)
    expect(await reading({ limit: 10 })).toBeLessThanOrEqual(few)
    expect(await reading({ chatId: alice.id })).toBeLessThanOrEqual(thousands / limits.searchBlockMessages + few)
  })

  test('no more than is counted, however rare the word: the page ends early, and the next one goes on', async () => {
    const alice = await newUser()
    await send(alice, alice, 'opening')
    await fill(alice, alice, 1, 'alpha omega')
    // Their block may have both words; none of them has.
    for (const text of ['alpha', 'omega', 'alpha', 'omega']) await fill(alice, alice, thousands / 4, text)
    await inMailbox(
      alice.id,
      `UPDATE messages SET text = iif(unicode(substr(id, -1)) % 2, 'alpha', 'omega')
      WHERE text IN ('alpha', 'omega')`,
    )
    await indexAnew(alice)
    const { read } = await work(alice, () => page(alice, { q: 'alpha omega' }))
    expect(read).toBeLessThan(4 * limits.searchMessagesMax)
    expect((await page(alice, { q: 'alpha omega' })).items).toEqual([])
    const { found, pages } = await readAll(alice, { q: 'alpha omega' })
    expect(found).toEqual(['alpha omega'])
    expect(pages).toBeGreaterThan(thousands / limits.searchMessagesMax)
  })

  test('little for a word that is nowhere', async () => {
    const alice = await newUser()
    await send(alice, alice, 'opening')
    await fill(alice, alice, thousands)
    await page(alice, { q: 'word' })
    const { read } = await work(alice, () => page(alice, { q: 'xylophone' }))
    expect(read).toBeLessThan((3 * thousands) / limits.searchBlockMessages)
    expect(await page(alice, { q: 'xylophone' })).toEqual({ items: [], nextCursor: null, complete: true })
  })

  test('a few rows per hundred messages, in the alarm', async () => {
    const alice = await newUser()
    await send(alice, alice, 'opening')
    await indexAll(alice)
    const ids = Array.from({ length: limits.searchChangesDue }, (_, n) => mintId('message', Date.now() + n))
    await runInDurableObject(stubOf(alice), (_, { storage: { sql } }) => {
      sql.exec(
        `INSERT INTO messages (chat_id, id, seq, mine, text, created_at, hidden, refused)
         SELECT ?, value, 1000 + key, 1, 'word', 0, 0, 0 FROM json_each(?)`,
        alice.id,
        JSON.stringify(ids),
      )
      sql.exec('UPDATE chats SET seq = 2000')
    })
    await evictDurableObject(stubOf(alice))
    const rows = await countRows(alice.id, () => indexAll(alice), { countsAlarms: true })
    expect(rows.search).toBeGreaterThan(0)
    expect(rows.search).toBeLessThanOrEqual(limits.searchChangesDue / 16)
    expect((await readAll(alice, { q: 'word', limit: limits.pageMax })).found).toHaveLength(ids.length)
  })
})

describe('a mailbox that was never indexed', () => {
  test('is searched message by message, and indexed slice by slice', async () => {
    const [alice, bob] = await pair()
    await send(alice, bob, 'opening')
    await send(alice, alice, 'a note')
    await delivered(alice, bob)
    for (const peer of [bob, alice]) await fill(alice, peer, 1_000)
    await fill(alice, alice, 1, 'xylophone')
    await inMailbox(alice.id, `DELETE FROM search_blocks WHERE start <> ''`)
    await inMailbox(alice.id, `UPDATE search_blocks SET chats = NULL, signature = NULL, rebuild_at = 1`)
    const { found } = await readAll(alice, { q: 'xyl' })
    expect(found).toEqual(['xylophone'])
    await indexAll(alice)
    const rows = await inMailbox<{ count: number; due: number }>(
      alice.id,
      'SELECT count(*) AS count, count(rebuild_at) AS due FROM search_blocks',
    )
    expect(rows[0]?.due).toBe(0)
    expect(rows[0]?.count).toBeGreaterThanOrEqual(Math.floor(2_000 / limits.searchBlockMessages))
    expect((await readAll(alice, { q: 'xyl' })).pages).toBe(1)
    expect((await readAll(alice, { q: 'word', limit: limits.pageMax })).found).toHaveLength(2_000)
  })
})
