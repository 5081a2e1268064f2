import { z } from '@hono/zod-openapi'
import type { ZodType } from 'zod'
import { limits } from '../src/core/limits'
import { queryInteger } from './query'

export const Limit = queryInteger(1, limits.pageMax)
  .default(limits.pageDefault)
  .openapi({
    format: 'int32',
    description: `Items per page, at most ${limits.pageMax}. A page can have fewer even if more follow, because it also ends at 1 MB of JSON: go by \`nextCursor\` (\`hasMore\` in \`listChanges\`), not by the count.`,
  })

export const Cursor = z.string().max(256).optional().openapi({
  description: 'The `nextCursor` of the previous page. Opaque.',
})

/** The query of a list that has no parameters but those of paging. */
export const PageQuery = z.strictObject({ limit: Limit, cursor: Cursor })

/** One page of a list. `descriptions` are the document's descriptions of its two fields. */
export const pageOf = <Item extends ZodType>(item: Item, descriptions: { items: string; nextCursor?: string }) =>
  z.object({
    items: z.array(item).openapi({ description: descriptions.items }),
    nextCursor: z
      .string()
      .nullable()
      .openapi({
        description: descriptions.nextCursor ?? 'The `cursor` of the next page; null on the last page.',
        example: null,
      }),
  })

/** A list that always fits on one page. */
export const onlyPageOf = <Item extends ZodType>(item: Item, descriptions: { items: string }) =>
  pageOf(item, descriptions).extend({
    // Not `z.null()`: generators of many languages have no type for null alone.
    nextCursor: z
      .string()
      .nullable()
      .openapi({ description: 'Always null: there is at most one page.', example: null }),
  })
