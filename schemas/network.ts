import { z } from '@hono/zod-openapi'

const nullable = <S extends z.ZodType>(schema: S, description: string, example: z.infer<S>) =>
  schema.nullable().openapi({ description, example: example as never })

export const Network = z
  .object({
    ip: nullable(z.string(), 'IP address of the client, IPv4 or IPv6.', '203.0.113.7'),
    country: nullable(z.string(), 'ISO 3166-1 alpha-2; `T1` for Tor.', 'PT'),
    isEU: nullable(z.boolean(), 'Whether the country is in the European Union.', true),
    region: nullable(z.string(), 'Name of the first-level region (ISO 3166-2).', 'Lisbon'),
    city: nullable(z.string(), 'City.', 'Lisbon'),
    continent: nullable(z.string(), 'Two-letter continent code.', 'EU'),
    timezone: nullable(z.string(), 'IANA time zone.', 'Europe/Lisbon'),
    asn: nullable(z.int().openapi({ format: 'int64' }), 'Autonomous system number.', 64496),
    asOrganization: nullable(z.string(), 'Owner of the autonomous system.', 'Example Telecom'),
    colo: nullable(z.string(), 'IATA airport code of the Cloudflare data center that responded.', 'LIS'),
    httpProtocol: nullable(z.string(), 'HTTP version between client and edge.', 'HTTP/3'),
    tlsVersion: nullable(z.string(), 'TLS version between client and edge.', 'TLSv1.3'),
    tlsCipher: nullable(z.string(), 'Cipher suite between client and edge.', 'AEAD-AES128-GCM-SHA256'),
    clientTcpRttMs: nullable(
      z.number().openapi({ format: 'double' }),
      'Round-trip time to the client in milliseconds; null over QUIC.',
      18,
    ),
    userAgent: nullable(z.string(), 'The `User-Agent` header as sent.', 'curl/8.5.0'),
    precise: z
      .object({
        latitude: nullable(z.number().openapi({ format: 'double' }), 'Degrees, estimated from the IP address.', 38.72),
        longitude: nullable(z.number().openapi({ format: 'double' }), 'Degrees, estimated from the IP address.', -9.14),
        postalCode: nullable(z.string(), 'Postal code, estimated from the IP address.', '1000-001'),
      })
      .optional()
      .openapi({ description: 'Only with `precise=true`.' }),
  })
  .openapi('Network', {
    description:
      'What the edge knows about the connection that carried this request. A field is null if the edge does not provide it; most are null when you run the server locally.',
  })
export type Network = z.infer<typeof Network>
