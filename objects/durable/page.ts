import { limits } from '../../src/core/limits'

/** The items of one page, and where the next page begins (null at the end of the list). */
export interface Page<Item, Place> {
  items: Item[]
  next: Place | null
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
export function cutPage<Row, Item, Place>(
  rows: Iterable<Row>,
  { limit, toItem, placeOf, bytesMax = limits.pageBytesMax }: Paging<Row, Item, Place>,
): Page<Item, Place> {
  const items: Item[] = []
  let bytes = 0
  let next: Place | null = null
  for (const row of rows) {
    if (items.length >= limit) return { items, next }
    const item = toItem(row)
    bytes += Buffer.byteLength(JSON.stringify(item)) + 1
    if (items.length > 0 && bytes > bytesMax) return { items, next }
    items.push(item)
    next = placeOf(row)
  }
  return { items, next: null }
}
