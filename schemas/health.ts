import { z } from '@hono/zod-openapi'

export const HealthStatus = z
  .enum(['ok'])
  .openapi('HealthStatus', { description: 'Always `ok`; a service that is not answers 503.', example: 'ok' })

export const Health = z.object({ status: HealthStatus }).openapi('Health', { description: 'That the service answers.' })
export type Health = z.infer<typeof Health>
