import { encodeCursor } from '../../src/core/cursors'
import { asJsonText, type JsonText, jsonList } from '../../src/core/json-text'
import { limits } from '../../src/core/limits'
import { ByteCount } from './byte-count'

/** The items of one page, and where the next page begins (null at the end of the list). */
export interface Page<Item, Place> {
  items: Item[]
  next: Place | null
}

/** A page as it is on the wire, in which the place of the next page is an opaque cursor. */
export interface WirePage<Item> {
  items: Item[]
  nextCursor: string | null
}

interface Cutting<Row, Text> {
  /** Items, at most. */
  limit: number
  /** A row as JSON, as the page shows it. Called only for rows that the page reaches. */
  toText: (row: Row) => Text
  bytesMax?: number
}

interface Paging<Row, Place> {
  /** Where the page after a row begins. */
  placeOf: (last: Row) => Place
}

/** The rows that a page has, as JSON, with the last of them, and whether the list continues. */
interface Cut<Row, Text> {
  texts: Text[]
  last: Row | undefined
  isCut: boolean
}

/**
 * Cuts a page from the rows of a list: at most `limit` items, as many as fit into `bytesMax`, and always one. The rows
 * should go on by one more than `limit`, which shows that the list continues.
 */
export function cut<Row, Text extends string>(
  rows: Iterable<Row>,
  { limit, toText, bytesMax = limits.pageBytesMax }: Cutting<Row, Text>,
): Cut<Row, Text> {
  const texts: Text[] = []
  const size = new ByteCount()
  let last: Row | undefined
  for (const row of rows) {
    if (texts.length >= limit) return { texts, last, isCut: true }
    const text = toText(row)
    size.add(text)
    if (texts.length > 0 && size.isOver(bytesMax)) return { texts, last, isCut: true }
    texts.push(text)
    last = row
  }
  return { texts, last, isCut: false }
}

/** A page of values. */
export function cutPage<Row, Item, Place>(
  rows: Iterable<Row>,
  {
    toItem,
    placeOf,
    ...cutting
  }: Omit<Cutting<Row, string>, 'toText'> & Paging<Row, Place> & { toItem: (row: Row) => Item },
): Page<Item, Place> {
  const items: Item[] = []
  const toText = (row: Row) => {
    const item = toItem(row)
    items.push(item)
    return JSON.stringify(item)
  }
  const { texts, last, isCut } = cut(rows, { ...cutting, toText })
  return { items: items.slice(0, texts.length), next: isCut && last !== undefined ? placeOf(last) : null }
}

/** A page as JSON; `reversed` turns the order of the items round. */
export function cutPageText<Row, Item, Place>(
  rows: Iterable<Row>,
  { reversed = false, placeOf, ...cutting }: Cutting<Row, JsonText<Item>> & Paging<Row, Place> & { reversed?: boolean },
): JsonText<WirePage<Item>> {
  const { texts, last, isCut } = cut(rows, cutting)
  const cursor = isCut && last !== undefined ? JSON.stringify(encodeCursor(placeOf(last))) : null
  return asJsonText(`{"items":${jsonList(reversed ? texts.toReversed() : texts)},"nextCursor":${cursor}}`)
}
