import { z } from '@hono/zod-openapi'
import { Network } from '../../schemas/network'
import { flag } from '../../schemas/query'
import { edgeMetadata } from '../../src/core/edge'
import { define, json } from '../../src/http/define-route'

const numberOrNull = (text: string | undefined) => (text === undefined ? null : Number(text))

const facts = (request: Request) => {
  const edge = edgeMetadata(request)
  return {
    ip: edge.ip ?? null,
    country: edge.country ?? null,
    isEU: edge.country ? edge.isEUCountry === '1' : null,
    region: edge.region ?? null,
    city: edge.city ?? null,
    continent: edge.continent ?? null,
    timezone: edge.timezone ?? null,
    asn: edge.asn ?? null,
    asOrganization: edge.asOrganization ?? null,
    colo: edge.colo ?? null,
    httpProtocol: edge.httpProtocol ?? null,
    tlsVersion: edge.tlsVersion ?? null,
    tlsCipher: edge.tlsCipher ?? null,
    clientTcpRttMs: edge.clientTcpRtt ?? null,
    userAgent: request.headers.get('User-Agent'),
  }
}

const preciseFacts = (cf: Partial<IncomingRequestCfProperties> = {}) => ({
  latitude: numberOrNull(cf.latitude),
  longitude: numberOrNull(cf.longitude),
  postalCode: cf.postalCode ?? null,
})

export const getNetwork = define(
  {
    access: 'stateless',
    counts: 'open',
    operationId: 'getNetwork',
    method: 'get',
    path: '/v1/network',
    tags: ['Network'],
    summary: 'Get connection metadata',
    description:
      'Returns what the edge knows about the network this request came from: IP address, location, operator, and protocols. Requires no token; nothing is stored, and the response is never cached.',
    request: {
      query: z.strictObject({ precise: flag('Whether to include estimated coordinates and the postal code.') }),
    },
    responses: { 200: json(Network, 'The metadata of this connection.') },
  },
  (c) => {
    const { precise } = c.req.valid('query')
    const network: Network = facts(c.req.raw)
    return c.json(precise === 'true' ? { ...network, precise: preciseFacts(c.req.raw.cf) } : network, 200)
  },
)
