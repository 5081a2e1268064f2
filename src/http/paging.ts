import type { ZodType } from 'zod'
import { decodeCursor, encodeCursor } from '../core/cursors'

/** Where a page begins: the position that its cursor names, or null for the first page. */
export const startOfPage = <Position>(cursor: string | undefined, schema: ZodType<Position>): Position | null =>
  cursor === undefined ? null : decodeCursor(cursor, schema)

interface CutPage {
  items: unknown[]
  /** The position where the next page begins, or null at the end. */
  next: unknown
}

/** A page on the wire: the position of the next page becomes an opaque cursor. */
export function toPage<Page extends CutPage>({ items, next, ...rest }: Page) {
  return { items: items as Page['items'], nextCursor: next === null ? null : encodeCursor(next), ...rest }
}
