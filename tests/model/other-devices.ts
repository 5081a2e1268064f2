import { runInDurableObject } from 'cloudflare:test'
import { env } from 'cloudflare:workers'
import type { Outcome } from '../../objects/durable/outcome'
import type { IssuedToken } from '../../objects/mailbox/sessions/sessions'
import * as users from '../../repositories/users'
import type { Place } from '../../src/core/edge'
import { mintId } from '../../src/core/ids'
import { type MailboxStub, mailboxOf } from '../../src/http/mailbox-client'
import { stubOf } from '../support/delivery-faults'
import { note } from './journal'
import { type Device, settle } from './settle'

const attemptsMax = 40
export const nowhere: Place = { country: null, city: null, network: null }
const places: Place[] = [
  nowhere,
  { country: 'PT', city: 'Lisbon', network: 'Example Telecom' },
  { country: 'PT', city: 'Porto', network: 'Example Telecom' },
]

const pick = <T>(items: T[], which: number): T | undefined => items[which % Math.max(items.length, 1)]

/** The devices of a user besides the one that acts: they sign in, move around and are signed out. */
export class OtherDevices {
  readonly #owner: Device
  readonly #held = new Map<string, { token: IssuedToken; place: Place }>()

  constructor(owner: Device) {
    this.#owner = owner
  }

  /** Where each signed-in device was last seen. */
  get places(): Map<string, Place> {
    return new Map([...this.#held].map(([sessionId, { place }]) => [sessionId, place]))
  }

  async signIn(how: number) {
    const user = await users.find(env.DB, this.#owner.id)
    if (!user) throw new Error('The owner is gone')
    const place = pick(places, how) ?? nowhere
    const input = { sessionId: mintId('session', Date.now()), deviceName: `device ${how}`, platform: 'web', place }
    const token = await this.#ask('signIn', (mailbox) => mailbox.signIn(input, user))
    this.#held.set(token.sessionId, { token, place })
  }

  async move(which: number, how: number) {
    const [sessionId, device] = pick([...this.#held], which) ?? []
    if (!sessionId || !device) return
    const place = pick(places, how) ?? device.place
    const token = await this.#ask('refresh', (mailbox) => mailbox.refresh(device.token, place))
    this.#held.set(sessionId, { token, place })
  }

  async end(which: number) {
    const [sessionId] = pick([...this.#held], which) ?? []
    if (!sessionId) return
    const { status } = await settle('endSession', { params: { sessionId } }, this.#owner)
    // The worker, too, repeats a call that was carried out but whose answer was lost.
    if (status !== 204 && !(status === 404 && (await this.#hasEnded(sessionId))))
      throw new Error(`endSession returns ${status}`)
    this.#held.delete(sessionId)
  }

  async endAll() {
    const { status } = await settle('endOtherSessions', {}, this.#owner)
    if (status !== 204) throw new Error(`endOtherSessions returns ${status}`)
    this.#held.clear()
  }

  async #hasEnded(sessionId: string): Promise<boolean> {
    const query = 'SELECT 1 FROM sessions WHERE id = ? AND ended_at IS NOT NULL'
    for (let attempt = 1; attempt <= attemptsMax; attempt++) {
      const rows = await runInDurableObject(stubOf(this.#owner.id), (_, { storage }) =>
        storage.sql.exec(query, sessionId).toArray(),
      ).catch(() => undefined)
      if (rows) return rows.length === 1
    }
    throw new Error(`The mailbox did not answer ${attemptsMax} times`)
  }

  /** Asks the mailbox without the detour through a code, until there is an answer. */
  async #ask(what: string, call: (mailbox: MailboxStub) => Promise<Outcome<IssuedToken>>): Promise<IssuedToken> {
    for (let attempt = 1; attempt <= attemptsMax; attempt++) {
      const outcome = await call(mailboxOf(env, this.#owner.id)).catch(() => undefined)
      note(this.#owner.id, what, '→', outcome)
      if (outcome?.ok) return outcome.value
      if (outcome) throw new Error(`${what} is refused: ${outcome.code}`)
    }
    throw new Error(`${what} failed ${attemptsMax} times`)
  }
}
