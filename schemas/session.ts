import { z } from '@hono/zod-openapi'
import { limits } from '../src/core/limits'
import { misleadingInName } from '../src/core/shown-text'
import { SessionId, Timestamp } from './ids'
import { orNull } from './or-null'
import { onlyPageOf } from './page'
import { text, unmisleading } from './text'

export const Platform = z
  .enum(['ios', 'android', 'web', 'desktop', 'other'])
  .openapi('Platform', { description: 'The kind of device, as reported by the client.', example: 'ios' })
export type Platform = z.infer<typeof Platform>

export const DeviceName = text(1, limits.deviceNameCharactersMax).openapi({
  description: 'A name for the device, so that you recognize it in the list of sessions.',
  example: 'Ana’s phone',
})

/** One that a client gives. */
export const NewDeviceName = unmisleading(DeviceName, misleadingInName)

const seenBy = 'as of the session’s last sign-in or token refresh; null if the edge does not provide it.'

const place = {
  country: text(1, limits.countryCharactersMax)
    .nullable()
    .openapi({ description: `ISO 3166-1 alpha-2, or \`T1\` for Tor, ${seenBy}`, example: 'PT' }),
  city: text(1, limits.cityCharactersMax)
    .nullable()
    .openapi({ description: `The city, estimated from the IP address, ${seenBy}`, example: 'Lisbon' }),
  network: text(1, limits.networkCharactersMax)
    .nullable()
    .openapi({ description: `Owner of the autonomous system, ${seenBy}`, example: 'Example Telecom' }),
}

export const Session = z
  .object({
    id: SessionId,
    deviceName: DeviceName.nullable(),
    platform: orNull(Platform).openapi({ description: 'Null if the client did not report it.' }),
    ...place,
    createdAt: Timestamp.openapi({ description: 'When you signed in on this device.' }),
    lastUsedAt: Timestamp.openapi({
      description:
        'When the session last refreshed its tokens, accurate to the hour: it is updated when a refresh comes more than an hour later or from another place.',
    }),
    current: z.boolean().openapi({
      description: 'Whether this is the session that makes the request or that the WebSocket belongs to.',
      example: true,
    }),
  })
  .openapi('Session', { description: 'A signed-in device.' })
export type Session = z.infer<typeof Session>

export const Sessions = onlyPageOf(Session, { items: 'Your active sessions.' }).openapi('Sessions', {
  description: 'Your active sessions, most recently used first.',
})
export type Sessions = z.infer<typeof Sessions>

export const SessionChange = z
  .object({
    sessionId: SessionId,
    session: orNull(Session).openapi({ description: 'Null if the session has ended, for whatever reason.' }),
  })
  .openapi('SessionChange', { description: 'The current state of a signed-in device; null if its session has ended.' })
export type SessionChange = z.infer<typeof SessionChange>
