import { z } from '@hono/zod-openapi'

export const Flag = z
  .enum(['true', 'false'])
  .openapi('Flag', { description: 'A boolean query parameter; defaults to `false`.', example: 'true' })

/** A boolean query parameter; defaults to `false`. */
export const flag = (description: string) => Flag.default('false').openapi({ param: { description } })
