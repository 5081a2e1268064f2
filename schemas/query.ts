import { z } from '@hono/zod-openapi'

export const Flag = z
  .enum(['true', 'false'])
  .openapi('Flag', { description: 'A switch in a query; `false` when it is left out.', example: 'true' })

/** `true` or `false` in a query; absent is false. */
export const flag = (description: string) => Flag.default('false').openapi({ param: { description } })
