/** The rows of one page, and where the next page begins (null at the end of the list). */
export interface Page<Row, Place> {
  rows: Row[]
  next: Place | null
}

/**
 * Cuts a page from rows that were read with one more than `limit`: the extra row shows that the list continues.
 * `placeOf` returns where the page after a row begins.
 */
export function cutPage<Row, Place>(
  rows: readonly Row[],
  limit: number,
  placeOf: (last: Row) => Place,
): Page<Row, Place> {
  const page = rows.slice(0, limit)
  const last = page.at(-1)
  return { rows: page, next: rows.length > limit && last !== undefined ? placeOf(last) : null }
}
