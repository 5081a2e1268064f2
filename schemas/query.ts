import { z } from '@hono/zod-openapi'
import { limits } from '../src/core/limits'

export const Flag = z
  .enum(['true', 'false'])
  .openapi('Flag', { description: 'A switch in a query; `false` when it is left out.', example: 'true' })

/** `true` or `false` in a query; absent is false. */
export const flag = (description: string) => Flag.default('false').openapi({ param: { description } })

/** The pages of a list are told apart by this alone. */
export const NextCursor = z.string().nullable().openapi({
  description: 'The `cursor` of the next page; null at the end.',
  example: null,
})

export const Limit = z.coerce
  .number()
  .int()
  .min(1)
  .max(limits.pageMax)
  .default(limits.pageDefault)
  .openapi({ description: `Items on a page, at most ${limits.pageMax}.`, example: limits.pageDefault })

export const Cursor = z.string().max(256).optional().openapi({
  description: 'The `nextCursor` of the page before. Opaque.',
  example: 'InVzcl8wMUtBVDVNOEUxVDNQNVk3VzlEMkM0VjZCTiI',
})
