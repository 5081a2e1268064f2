import type { Network } from '../../schemas/network'
import type { OperationExamples } from '../examples/operation-examples'
import { invalidFlag, invalidRequest } from '../examples/problems'

const network: Network = {
  ip: '203.0.113.7',
  country: 'PT',
  isEU: true,
  region: 'Lisbon',
  city: 'Lisbon',
  continent: 'EU',
  timezone: 'Europe/Lisbon',
  asn: 64_496,
  asOrganization: 'Example Telecom',
  colo: 'LIS',
  httpProtocol: 'HTTP/2',
  tlsVersion: 'TLSv1.3',
  tlsCipher: 'AEAD-AES128-GCM-SHA256',
  clientTcpRttMs: 18,
  userAgent: 'curl/8.5.0',
}

export const getNetwork: OperationExamples = {
  responses: {
    200: {
      plain: { summary: 'A connection in Lisbon', value: network },
      precise: {
        summary: 'With `precise=true`',
        value: { ...network, precise: { latitude: 38.72, longitude: -9.14, postalCode: '1000-001' } },
      },
    },
  },
  problem: invalidRequest(invalidFlag('precise')),
  steps: [{ as: 'nobody', status: 200 }],
}
