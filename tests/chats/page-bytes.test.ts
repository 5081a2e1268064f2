import { describe, expect, test } from 'vitest'
import { cutPage } from '../../objects/durable/page'
import type { Message } from '../../schemas/message'
import { limits } from '../../src/core/limits'
import { ok } from '../support/call'
import { delivered, friends, list, send } from '../support/chat-calls'
import { type Page, readAll } from '../support/pages'
import { newUser, type TestUser } from '../support/users'

/** In JSON each of these characters takes six bytes. */
const heavy = `word ${'\u0001'.repeat(limits.textCharactersMax - 5)}`
const mebibyte = 1024 * 1024

const bytesOf = (page: unknown) => Buffer.byteLength(JSON.stringify(page))

/** Pages of a list, each of which has to be filled as far as its bytes allow. */
async function pagesOf<Item>(readPage: (cursor: string | undefined) => Promise<Page<Item>>): Promise<Page<Item>[]> {
  const pages: Page<Item>[] = []
  await readAll<Item>(async (cursor) => {
    const page = await readPage(cursor)
    pages.push(page)
    return page
  })
  for (const page of pages) expect(bytesOf(page)).toBeLessThan(mebibyte)
  for (const page of pages.slice(0, -1)) expect(bytesOf(page)).toBeGreaterThan(limits.pageBytesMax * 0.8)
  expect(pages.length).toBeGreaterThan(1)
  return pages
}

const ids = (messages: readonly { id: string }[]) => messages.map(({ id }) => id)

async function chatOf(count: number): Promise<[TestUser, TestUser, Message[]]> {
  const [alice, bob] = await friends()
  const sent = [await send(alice, bob, heavy)]
  await delivered(alice, bob)
  while (sent.length < count) sent.push(await send(alice, bob, heavy))
  return [alice, bob, sent]
}

describe('a page ends at a megabyte, and the next one goes on from there', () => {
  test('of messages, in either direction', async () => {
    const [alice, bob, sent] = await chatOf(25)
    const page = (query: object) => (cursor: string | undefined) =>
      list(alice, bob, { limit: 200, ...(cursor === undefined ? query : { cursor }) })
    const newestFirst = ids(sent).toReversed()
    const backward = await pagesOf<Message>(page({}))
    expect(backward.flatMap(({ items }) => ids(items))).toEqual(newestFirst)
    const forward = await pagesOf<Message>(page({ after: sent[0]?.id }))
    expect(forward.flatMap(({ items }) => ids(items.toReversed()))).toEqual(ids(sent).slice(1))
  })

  test('of messages around one, which is among them', async () => {
    const [alice, bob, sent] = await chatOf(25)
    for (const at of [0, 1, 12, 24]) {
      const around = sent[at]?.id ?? ''
      const page = await list(alice, bob, { limit: 200, around })
      expect(bytesOf(page)).toBeLessThan(mebibyte)
      expect(ids(page.items)).toContain(around)
      const rest = page.nextCursor
        ? await readAll<Message>((cursor) => list(alice, bob, { limit: 200, cursor: cursor ?? page.nextCursor ?? '' }))
        : []
      // Half of the bytes hold the message and the four after it.
      const newestFirst = ids(sent.slice(0, at + 5)).toReversed()
      expect(ids([...page.items, ...rest])).toEqual(newestFirst)
    }
  })

  test('of search hits', async () => {
    const [alice, , sent] = await chatOf(25)
    const found = await readAll<Message>(async (cursor) => {
      const page = await ok<Page<Message>>(
        'searchMessages',
        { query: { q: 'word', limit: 200, cursor } },
        { as: alice },
      )
      // A search reads only so much of long texts at once.
      expect(bytesOf(page)).toBeLessThan(mebibyte)
      expect(page.items.length).toBeGreaterThan(0)
      return page
    })
    expect(ids(found)).toEqual(ids(sent).toReversed())
  })

  test('of chats, in lists and in exports', async () => {
    const alice = await newUser()
    const peers = await Promise.all(Array.from({ length: 15 }, () => newUser()))
    for (const peer of peers) await send(alice, peer, heavy)
    await delivered(alice)
    const pages = await pagesOf<{ id: string }>((cursor) =>
      ok('listChats', { query: { limit: 200, cursor } }, { as: alice }),
    )
    expect(pages.flatMap(({ items }) => ids(items))).toEqual(ids(peers).toReversed())
    const { chats } = await ok<{ chats: { id: string }[] }>('exportMe', {}, { as: alice })
    expect(ids(chats)).toEqual(ids(peers).toSorted())
  })
})

describe('a page', () => {
  const cut = (rows: string[], limit: number, bytesMax: number) =>
    cutPage(rows, { limit, bytesMax, toItem: (row) => row, placeOf: (row) => row })

  test('has at least one item, however large', () => {
    expect(cut(['large', 'next'], 10, 1)).toEqual({ items: ['large'], next: 'large' })
    expect(cut(['large'], 10, 1)).toEqual({ items: ['large'], next: null })
  })

  test('counts bytes of UTF-8, not characters', () => {
    // Each takes two quotes, six bytes, and a comma.
    expect(cut(['ああ', 'いい', 'うう'], 10, 18).items).toEqual(['ああ', 'いい'])
    expect(cut(['ああ', 'いい', 'うう'], 10, 17).items).toEqual(['ああ'])
  })

  test('turns only those rows into items that it reaches', () => {
    const read: string[] = []
    const toItem = (row: string) => {
      read.push(row)
      return row
    }
    cutPage(['a', 'b', 'c', 'd'], { limit: 2, toItem, placeOf: (row) => row })
    expect(read).toEqual(['a', 'b'])
  })
})
