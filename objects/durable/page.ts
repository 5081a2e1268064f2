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

interface Paging<Row, Item, Place> {
  /** Items, at most. */
  limit: number
  /** A row as the page shows it. Called only for rows that the page reaches. */
  toItem: (row: Row) => Item
  /** Where the page after a row begins. */
  placeOf: (last: Row) => Place
  bytesMax?: number
}

/**
 * Cuts a page from the rows of a list: at most `limit` items, as many as fit into `bytesMax` as JSON, and always one. The
 * rows should go on by one more than `limit`, which shows that the list continues.
 */
export function cutPage<Row, Item, Place>(rows: Iterable<Row>, paging: Paging<Row, Item, Place>): Page<Item, Place> {
  const { items, next } = cut(rows, paging)
  return { items, next }
}

/** The same as JSON; `reversed` turns the order of the items round. */
export function cutPageText<Row, Item, Place>(
  rows: Iterable<Row>,
  { reversed = false, ...paging }: Paging<Row, Item, Place> & { reversed?: boolean },
): JsonText<WirePage<Item>> {
  const { texts, next } = cut(rows, paging)
  const cursor = next === null ? null : JSON.stringify(encodeCursor(next))
  return asJsonText(`{"items":${jsonList(reversed ? texts.toReversed() : texts)},"nextCursor":${cursor}}`)
}

function cut<Row, Item, Place>(
  rows: Iterable<Row>,
  { limit, toItem, placeOf, bytesMax = limits.pageBytesMax }: Paging<Row, Item, Place>,
): Page<Item, Place> & { texts: string[] } {
  const items: Item[] = []
  const texts: string[] = []
  const size = new ByteCount()
  let next: Place | null = null
  for (const row of rows) {
    if (items.length >= limit) return { items, texts, next }
    const item = toItem(row)
    const text = JSON.stringify(item)
    size.add(text)
    if (items.length > 0 && size.isOver(bytesMax)) return { items, texts, next }
    items.push(item)
    texts.push(text)
    next = placeOf(row)
  }
  return { items, texts, next: null }
}
