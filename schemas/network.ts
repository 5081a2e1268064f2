import { z } from '@hono/zod-openapi'

const nullable = <S extends z.ZodType>(schema: S, description: string, example: z.infer<S>) =>
  schema.nullable().openapi({ description, example: example as never })

export const Network = z
  .object({
    ip: nullable(z.string(), 'The address of the client, IPv4 or IPv6.', '203.0.113.7'),
    country: nullable(z.string(), 'ISO 3166-1 alpha-2; `T1` for Tor.', 'PT'),
    isEU: nullable(z.boolean(), 'Whether the country is in the European Union.', true),
    region: nullable(z.string(), 'First-level region (ISO 3166-2) in words.', 'Lisbon'),
    city: nullable(z.string(), 'City.', 'Lisbon'),
    continent: nullable(z.string(), 'Two letters.', 'EU'),
    timezone: nullable(z.string(), 'IANA time zone.', 'Europe/Lisbon'),
    asn: nullable(z.int(), 'Number of the autonomous system.', 64496),
    asOrganization: nullable(z.string(), 'Owner of the autonomous system.', 'Example Telecom'),
    colo: nullable(z.string(), 'Cloudflare data centre that answered, by the airport’s code (IATA).', 'LIS'),
    httpProtocol: nullable(z.string(), 'Version of HTTP between client and edge.', 'HTTP/3'),
    tlsVersion: nullable(z.string(), 'Version of TLS between client and edge.', 'TLSv1.3'),
    tlsCipher: nullable(z.string(), 'Cipher suite between client and edge.', 'AEAD-AES128-GCM-SHA256'),
    clientTcpRttMs: nullable(z.number(), 'Round trip to the client in milliseconds; null over QUIC.', 18),
    userAgent: nullable(z.string(), 'The `User-Agent` header as sent.', 'curl/8.5.0'),
    precise: z
      .object({
        latitude: nullable(z.number(), 'Degrees, estimated from the address.', 38.72),
        longitude: nullable(z.number(), 'Degrees, estimated from the address.', -9.14),
        postalCode: nullable(z.string(), 'Postal code, estimated from the address.', '1000-001'),
      })
      .optional()
      .openapi({ description: 'Only with `precise=true`.' }),
  })
  .openapi('Network', {
    description:
      'What the edge knows of the connection that carried this request. Any fact is null where the edge does not give it, and most are when running locally.',
  })
export type Network = z.infer<typeof Network>
