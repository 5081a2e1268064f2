import { runInDurableObject } from 'cloudflare:test'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { migrate } from '../../objects/durable/migrate'
import type { Place, Stretch } from '../../objects/durable/newest-first'
import { type Found, search } from '../../objects/durable/search'
import { type IndexContext, refresh } from '../../objects/durable/search-index'
import { SearchProgress } from '../../objects/durable/search-progress'
import { Sequence } from '../../objects/durable/sequence'
import { addTerms, signatureOf } from '../../objects/durable/signature'
import { foldText, hasAll } from '../../objects/durable/words'
import { migrations } from '../../objects/mailbox/tables/migrations'
import { schema } from '../../objects/mailbox/tables/schema'
import { limits } from '../../src/core/limits'
import { stubOf } from '../support/delivery-faults'

interface Row extends Place {
  text: string
  seq: number
}

const byId = (a: Place, b: Place) => (a.id < b.id ? -1 : 1)

/** Messages in memory, and an index of them in the tables of an object. */
class Indexed {
  readonly rows = new Map<string, Row>()
  readonly context: IndexContext<Row>
  /** Whether the alarm was asked to go on. */
  isAwake = false
  /** Rows handed out. */
  read = 0
  readonly #sql: SqlStorage
  readonly #sequence = new Sequence([() => 0])
  #stored: string | undefined

  constructor(sql: SqlStorage) {
    this.#sql = sql
    const progress = new SearchProgress({ read: () => this.#stored, write: (text) => (this.#stored = text) })
    sql.exec('DROP TABLE messages')
    sql.exec('CREATE TABLE messages (chat_id TEXT, id TEXT, PRIMARY KEY (chat_id, id)) WITHOUT ROWID')
    sql.exec('DELETE FROM search_blocks')
    sql.exec(`INSERT INTO search_blocks (start, chats, signature) VALUES ('', '[]', x'')`)
    const within = ({ from, before }: Stretch, chatIds: readonly string[]) =>
      [...this.rows.values()].filter(({ id, chatId }) => chatIds.includes(chatId) && id >= from && id < before)
    this.context = {
      sql,
      sequence: this.#sequence,
      progress,
      now: 1_000,
      wakeBy: () => {
        this.isAwake = true
      },
      source: {
        some: (chatIds, stretch, limit) => within(stretch, chatIds).slice(0, limit),
        latest: (chatIds, stretch) => chatIds.flatMap((chatId) => within(stretch, [chatId]).sort(byId).at(-1) ?? []),
        newest: (chatId, stretch, limit) =>
          within(stretch, [chatId])
            .sort(byId)
            .reverse()
            .slice(0, limit)
            .map(({ id }) => id),
        rows: (places) => {
          this.read += places.length
          return places.flatMap(({ id }) => this.rows.get(id) ?? [])
        },
        placeOf: ({ chatId, id }) => ({ chatId, id }),
        chatIds: () => [...new Set([...this.rows.values()].map(({ chatId }) => chatId))],
        changedAfter: (seq, limit) => {
          const places = [...this.rows.values()].filter((row) => row.seq > seq).sort((a, b) => a.seq - b.seq)
          const taken = places.slice(0, limit)
          return { places: taken, upTo: taken.length === limit ? (taken.at(-1)?.seq ?? null) : null }
        },
        textOf: ({ text }) => text,
        seqOf: ({ seq }) => seq,
      },
    }
  }

  put(chatId: string, id: string, text: string) {
    const former = this.rows.get(id)
    if (former) this.#sql.exec('DELETE FROM messages WHERE chat_id = ? AND id = ?', former.chatId, id)
    this.#sql.exec('INSERT INTO messages VALUES (?, ?)', chatId, id)
    this.rows.set(id, { chatId, id, text, seq: this.#sequence.take() })
  }

  refresh(messages: number, bytes = 1_000_000) {
    refresh(this.context, { messages, bytes })
  }

  /** All pages of a search, and how many. */
  search(words: string[], chatId: string | null, { from = '', limit = 50 } = {}) {
    const found: string[] = []
    let pages = 0
    for (let before: string | null = '~'; before !== null; pages++) {
      const page: Found<Row> = search(this.context, { words, chatId, from, before, isWanted: () => true, limit })
      const shown = page.rows.slice(0, limit)
      found.push(...shown.map(({ id }) => id))
      before = page.rows.length > limit ? (shown.at(-1)?.id ?? null) : page.next
    }
    return { found, pages }
  }

  /** Rows that the first page of a search reads. */
  rowsOf(words: string[], chatId: string, from = '') {
    const cursors: Pick<SqlStorageCursor<never>, 'rowsRead'>[] = []
    const exec: SqlStorage['exec'] = (statement, ...values) => {
      const cursor = this.#sql.exec<never>(statement, ...values)
      cursors.push(cursor)
      return cursor
    }
    const sql = { exec } as SqlStorage
    search({ ...this.context, sql }, { words, chatId, from, before: '~', isWanted: () => true, limit: 50 })
    return cursors.reduce((sum, { rowsRead }) => sum + rowsRead, 0)
  }

  expected(words: string[], chatId: string | null, from = '') {
    return [...this.rows.values()]
      .filter(
        (row) => row.id >= from && (chatId === null || row.chatId === chatId) && hasAll(foldText(row.text), words),
      )
      .sort(byId)
      .reverse()
      .map(({ id }) => id)
  }

  blocks() {
    return this.#sql
      .exec<{ start: string; chats: string; signature: ArrayBuffer; rebuild_at: number | null }>(
        'SELECT * FROM search_blocks ORDER BY start',
      )
      .toArray()
  }
}

const inObject = <T>(work: (indexed: Indexed) => T): Promise<T> =>
  runInDurableObject(stubOf('usr_index'), (_, { storage }) => {
    migrate(storage, { migrations, schema }, 0)
    return work(new Indexed(storage.sql))
  })

const idOf = (n: number) => `msg_${String(n).padStart(26, '0')}`
const words = ['alpha', 'beta', 'gamma', 'delta', 'epsilon', '大学', 'ไทย']

const action = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      kind: fc.constant('put' as const),
      at: fc.nat(2_000),
      count: fc.integer({ min: 1, max: 90 }),
    }),
  },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('edit' as const), at: fc.nat(), count: fc.constant(1) }) },
  {
    weight: 2,
    arbitrary: fc.record({ kind: fc.constant('blank' as const), at: fc.nat(), count: fc.integer({ min: 1, max: 40 }) }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ kind: fc.constant('refresh' as const), at: fc.nat(150), count: fc.constant(1) }),
  },
)

const textOf = (n: number) => `${words[n % words.length]} ${words[(n * 3) % words.length]} ${n.toString(36)}`

/** Does something to the messages, or has a bounded part of it indexed. */
function act(indexed: Indexed, { kind, at, count }: { kind: string; at: number; count: number }) {
  const ids = [...indexed.rows.keys()].sort()
  if (kind === 'refresh') indexed.refresh(at + 1, (at + 1) * 20)
  else if (kind === 'put') for (let n = at; n < at + count; n++) indexed.put(`chat_${n % 5}`, idOf(n * 7), textOf(n))
  else
    for (const id of ids.slice(at % (ids.length || 1)).slice(0, count)) {
      const row = indexed.rows.get(id)
      if (row) indexed.put(row.chatId, id, kind === 'edit' ? 'alpha edited' : '')
    }
}

test('a search finds what the texts say, whatever was done and however far the index is', async () => {
  await inObject((indexed) => {
    const histories = fc.array(action, { minLength: 1, maxLength: 25 })
    fc.assert(
      fc.property(histories, (actions) => {
        const fresh = new Indexed(indexed.context.sql)
        for (const one of actions) {
          act(fresh, one)
          if (one.kind !== 'refresh') continue
          for (const query of [['alp'], ['大'], ['beta', 'e']])
            for (const chatId of [null, 'chat_1'])
              for (const from of ['', idOf(one.at * 40)])
                expect(fresh.search(query, chatId, { from }).found).toEqual(fresh.expected(query, chatId, from))
        }
        expectCurrent(fresh)
      }),
      { numRuns: 60 },
    )
  })
})

/** Brings an index up to date: each block then says exactly what is in it, and none is long. */
function expectCurrent(indexed: Indexed) {
  indexed.refresh(100_000)
  const blocks = indexed.blocks()
  expect(blocks[0]?.start).toBe('')
  for (const [n, { start, chats, signature, rebuild_at }] of blocks.entries()) {
    const end = blocks[n + 1]?.start ?? '~'
    const held = [...indexed.rows.values()].filter(({ id, text }) => id >= start && id < end && text !== '')
    const terms = new Set<number>()
    for (const { text } of held) addTerms(foldText(text), terms)
    expect(rebuild_at).toBeNull()
    expect(held.length).toBeLessThanOrEqual(limits.searchBlockMessages)
    expect(Buffer.from(signature).equals(signatureOf(terms))).toBe(true)
    expect(JSON.parse(chats).toSorted()).toEqual([...new Set(held.map(({ chatId }) => chatId))].sort())
  }
}

describe('the index', () => {
  test('is built in slices that read no more than they may', async () => {
    await inObject((indexed) => {
      for (let n = 0; n < 1_900; n++) indexed.put(`chat_${n % 3}`, idOf(n), textOf(n))
      for (let round = 0; round < 40; round++) {
        indexed.read = 0
        indexed.isAwake = false
        indexed.refresh(100)
        const isLeft = indexed.blocks().some(({ rebuild_at }) => rebuild_at !== null)
        expect(indexed.isAwake).toBe(isLeft)
        expect(indexed.read).toBeLessThanOrEqual(100 + 32)
        if (round % 10 === 0) expect(indexed.search(['delta'], null).found).toEqual(indexed.expected(['delta'], null))
      }
      expect(indexed.blocks().filter(({ rebuild_at }) => rebuild_at !== null)).toEqual([])
      indexed.isAwake = false
      indexed.refresh(1)
      expect(indexed.isAwake).toBe(false)
      expectCurrent(indexed)
    })
  })

  test('holds few blocks that are not full when messages arrive a few at a time', async () => {
    await inObject((indexed) => {
      for (let n = 0; n < 1_000; n++) {
        indexed.put('chat_0', idOf(n), textOf(n))
        if (n % 7 === 0) indexed.refresh(500)
      }
      expect(indexed.blocks().length).toBeLessThanOrEqual(1_000 / limits.searchBlockMessages + 2)
    })
  })

  test('cuts a block short where its messages have many words', async () => {
    await inObject((indexed) => {
      const long = (n: number) => Array.from({ length: 900 }, (_, k) => (n * 900 + k + 36 ** 4).toString(36)).join(' ')
      for (let n = 0; n < 10; n++) indexed.put('chat_0', idOf(n), long(n))
      indexed.refresh(500)
      expect(indexed.blocks().length).toBeGreaterThanOrEqual(3)
    })
  })
})

describe('one search', () => {
  test('reads no more messages, and no more of their texts, than are counted', async () => {
    await inObject((indexed) => {
      for (let n = 0; n < 2_000; n++) indexed.put('chat_0', idOf(n), n % 2 ? 'alpha' : 'beta')
      indexed.refresh(10_000)
      indexed.read = 0
      const query = { words: ['alpha', 'beta'], chatId: null, from: '', before: '~', isWanted: () => true, limit: 50 }
      expect(search(indexed.context, query)).toMatchObject({ rows: [], next: expect.any(String) })
      expect(indexed.read).toBeLessThanOrEqual(limits.searchMessagesMax + limits.searchBlockMessages)
      expect(indexed.search(query.words, null).pages).toBeGreaterThanOrEqual(2_000 / limits.searchMessagesMax)
    })
  })

  test('in one chat looks at no block of the others', async () => {
    await inObject((indexed) => {
      const last = 20_000
      for (const n of [0, last / 2, last]) indexed.put('own', idOf(n), 'alpha')
      indexed.refresh(10_000)
      const alone = indexed.rowsOf(['alpha'], 'own')
      for (let n = 1; n < last; n++) if (n !== last / 2) indexed.put('other', idOf(n), 'alpha')
      indexed.refresh(100_000)
      expect(indexed.blocks().length).toBeGreaterThan(150)
      expect(indexed.rowsOf(['alpha'], 'own')).toBeLessThanOrEqual(4 * alone)
      expect(indexed.search(['alpha'], 'own').found).toHaveLength(3)
    })
  })

  test('in one chat goes on behind blocks that do not have its words', async () => {
    await inObject((indexed) => {
      const count = (limits.searchChatBlocksMax + 100) * limits.searchBlockMessages
      for (let n = 0; n < count; n++) indexed.put('own', idOf(n), n === 0 ? 'alpha' : 'beta')
      indexed.refresh(100_000)
      expect(indexed.search(['alpha'], 'own')).toEqual({ found: [idOf(0)], pages: 2 })
      const whole = indexed.rowsOf(['alpha'], 'own')
      expect(whole).toBeLessThanOrEqual(5 * limits.searchChatBlocksMax)
      expect(indexed.rowsOf(['alpha'], 'own', idOf(count - 1_000))).toBeLessThanOrEqual(whole / 10)
    })
  })

  test('goes on by at least one message, however long', async () => {
    await inObject((indexed) => {
      for (let n = 0; n < 5; n++) indexed.put('chat_0', idOf(n), `alpha ${'x'.repeat(2 * limits.searchBytesMax)}`)
      indexed.refresh(10_000)
      const { found, pages } = indexed.search(['alpha'], null)
      expect(found).toHaveLength(5)
      expect(pages).toBe(5)
    })
  })
})
