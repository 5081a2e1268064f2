import { z } from '@hono/zod-openapi'

export const HealthStatus = z
  .enum(['ok'])
  .openapi('HealthStatus', { description: 'Always `ok`; an unhealthy service returns 503.', example: 'ok' })

export const Health = z
  .object({ status: HealthStatus })
  .openapi('Health', { description: 'Confirms that the service responds.' })
export type Health = z.infer<typeof Health>
