import { z } from '@hono/zod-openapi'
import { limits } from '../src/core/limits'
import { SessionId, Timestamp } from './ids'
import { orNull } from './or-null'
import { onlyPageOf } from './page'
import { text } from './text'

export const Platform = z
  .enum(['ios', 'android', 'web', 'desktop', 'other'])
  .openapi('Platform', { description: 'The kind of device, as the client calls itself.', example: 'ios' })
export type Platform = z.infer<typeof Platform>

export const DeviceName = text(1, limits.deviceNameCharactersMax).openapi({
  description: 'What the user calls the device, to recognise it in the list of sessions.',
  example: 'Ana’s phone',
})

const seenBy = 'when the session last signed in or refreshed its tokens; null where the edge does not say.'

const place = {
  country: text(1, limits.countryCharactersMax)
    .nullable()
    .openapi({ description: `ISO 3166-1 alpha-2, or \`T1\` for Tor, ${seenBy}`, example: 'PT' }),
  city: text(1, limits.cityCharactersMax)
    .nullable()
    .openapi({ description: `The city, as estimated from the address ${seenBy}`, example: 'Lisbon' }),
  network: text(1, limits.networkCharactersMax)
    .nullable()
    .openapi({ description: `Owner of the autonomous system ${seenBy}`, example: 'Example Telecom' }),
}

export const Session = z
  .object({
    id: SessionId,
    deviceName: DeviceName.nullable(),
    platform: orNull(Platform).openapi({ description: 'Null when the client did not say.' }),
    ...place,
    createdAt: Timestamp.openapi({ description: 'When the user signed in.' }),
    lastUsedAt: Timestamp.openapi({
      description:
        'When the session last refreshed its tokens, to the hour: it moves when a refresh comes more than an hour later, or from another place.',
    }),
    current: z.boolean().openapi({
      description: 'Whether it is the session that asks, or that the WebSocket belongs to.',
      example: true,
    }),
  })
  .openapi('Session', { description: 'A signed-in device.' })
export type Session = z.infer<typeof Session>

export const Sessions = onlyPageOf(Session, { items: 'The live sessions.' }).openapi('Sessions', {
  description: 'The live sessions of the user, last used first.',
})
export type Sessions = z.infer<typeof Sessions>

export const SessionChange = z
  .object({
    sessionId: SessionId,
    session: orNull(Session).openapi({ description: 'Null when it is over, for whatever reason.' }),
  })
  .openapi('SessionChange', { description: 'A signed-in device as it is now; null when its session is over.' })
export type SessionChange = z.infer<typeof SessionChange>
