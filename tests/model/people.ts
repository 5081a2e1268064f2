import { env } from 'cloudflare:workers'
import * as users from '../../repositories/users'
import type { Changes } from '../../schemas/changes'
import { mintId } from '../../src/core/ids'
import { mintAccessToken } from '../../src/settings/access-tokens'
import { readConfig } from '../../src/settings/config'
import { ClientState } from '../support/client-state'
import { newPhoneNumber } from '../support/users'
import { Live } from './live'
import { nowhere, OtherDevices } from './other-devices'
import { type Device, obtain } from './settle'

/** A user of a run: one device with two copies, from calls and from a socket, and other devices. */
export interface Person extends Device {
  sessionId: string
  client: ClientState
  live: Live
  others: OtherDevices
}

/** A user who has just signed in, without the detour through a code. */
export async function newPerson(): Promise<Person> {
  const now = Date.now()
  const id = mintId('user', now)
  const sessionId = mintId('session', now)
  const user = await users.findOrCreate(env.DB, newPhoneNumber(), id, now)
  await env.MAILBOX.getByName(id).signIn({ sessionId, deviceName: null, platform: null, place: nowhere }, user)
  const { accessToken } = await mintAccessToken(readConfig(env), { userId: id, sessionId, step: 0 }, now)
  const device = { id, accessToken }
  return {
    ...device,
    sessionId,
    others: new OtherDevices(device),
    client: new ClientState(id),
    live: new Live(device),
  }
}

/** Reads changes from the client's cursor to the end, in pages of `limit` rows. */
export const syncOverRest = (client: ClientState, as: Device, limit: number) =>
  client.sync((cursor) => obtain<Changes>('listChanges', { query: { limit, cursor } }, as))
