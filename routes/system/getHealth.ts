import { z } from '@hono/zod-openapi'
import { Health } from '../../schemas/health'
import { flag } from '../../schemas/query'
import { problem } from '../../src/core/errors'
import { define, json } from '../../src/http/define-route'

async function probeStorage({ DB, FILES }: Env) {
  try {
    await Promise.all([DB.prepare('SELECT 1').run(), FILES.head('health')])
  } catch (cause) {
    throw problem('service_unavailable', { cause })
  }
}

export const getHealth = define(
  {
    access: 'stateless',
    operationId: 'getHealth',
    method: 'get',
    path: '/healthz',
    tags: ['System'],
    summary: 'Whether the service works',
    description:
      'Answers 200 as soon as requests are served. With `deep=true` it first asks the database and the file storage for something, and answers 503 when either fails. Needs no token; the answer is never cached.',
    request: { query: z.strictObject({ deep: flag('Whether to ask the database and the file storage too.') }) },
    responses: { 200: json(Health, 'The service works.') },
    problems: ['service_unavailable'],
  },
  async (c) => {
    if (c.req.valid('query').deep === 'true') await probeStorage(c.env)
    c.header('Cache-Control', 'no-store')
    const health: Health = { status: 'ok' }
    return c.json(health, 200)
  },
)
