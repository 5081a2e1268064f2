import { z } from '@hono/zod-openapi'
import { probeBucket, probeDatabase } from '../../repositories/probes'
import { Health } from '../../schemas/health'
import { flag } from '../../schemas/query'
import { problem } from '../../src/core/errors'
import { define, json } from '../../src/http/define-route'
import { limitNetwork } from '../../src/http/rate-limit'

async function probeStorage({ DB, FILES }: Env) {
  try {
    await Promise.all([probeDatabase(DB), probeBucket(FILES)])
  } catch (cause) {
    throw problem('service_unavailable', { cause })
  }
}

export const getHealth = define(
  {
    access: 'stateless',
    counts: 'open',
    operationId: 'getHealth',
    method: 'get',
    path: '/healthz',
    tags: ['System'],
    summary: 'Check service health',
    description:
      'Returns 200 as soon as requests are served. With `deep=true`, it first queries the database and the file storage, and returns 503 if either fails. Requires no token; the response is never cached.',
    request: { query: z.strictObject({ deep: flag('Whether to check the database and the file storage as well.') }) },
    responses: { 200: json(Health, 'The service is healthy.') },
    problems: ['service_unavailable'],
  },
  async (c) => {
    if (c.req.valid('query').deep === 'true') {
      await limitNetwork(c, 'deepHealthChecks')
      await probeStorage(c.env)
    }
    c.header('Cache-Control', 'no-store')
    const health: Health = { status: 'ok' }
    return c.json(health, 200)
  },
)
