import { setTimeout as sleep } from 'node:timers/promises'
import type { Changes } from '../../../schemas/changes'
import type { Ticket } from '../../../schemas/realtime'
import { type Page, readAll } from '../../support/pages.ts'
import { attempt } from '../runtime/http.ts'
import type { SignedInUser } from '../runtime/sign-in.ts'
import { limits } from './limits.ts'

export interface SizedChanges {
  changes: Changes
  bytes: number
}

const queryFor = (cursor: string | undefined) =>
  new URLSearchParams({ limit: String(limits.pageRowsMax), ...(cursor !== undefined && { cursor }) })

/** One of a user's devices. */
export class Client {
  readonly origin: string
  readonly id: string
  /** How often it was told to wait because too much was undelivered. */
  held = 0
  readonly #token: string

  constructor(origin: string, { id, token }: SignedInUser) {
    this.origin = origin
    this.id = id
    this.#token = token
  }

  /** Makes a call. Waits as long as the service asks it to, and rejects if the call is refused. */
  async call<Body = unknown>(method: string, path: string, body?: object): Promise<{ body: Body; bytes: number }> {
    for (;;) {
      const answer = await attempt<Body>(this.origin, method, path, { token: this.#token, body })
      if (answer.ok) return answer
      if (answer.status !== 429) throw new Error(`${method} ${path}: ${answer.status} ${answer.body?.code}`)
      this.held++
      await sleep(answer.retryAfterSeconds * 1_000)
    }
  }

  async get<Body>(path: string): Promise<Body> {
    return (await this.call<Body>('GET', path)).body
  }

  /** Every item of a list. */
  list<Item>(path: string): Promise<Item[]> {
    return readAll((cursor) => this.get<Page<Item>>(`${path}?${queryFor(cursor)}`))
  }

  /** A page of changes and its size. */
  async changes(cursor: string | undefined): Promise<SizedChanges> {
    const { body: changes, bytes } = await this.call<Changes>('GET', `/v1/changes?${queryFor(cursor)}`)
    return { changes, bytes }
  }

  async ticket(): Promise<string> {
    return (await this.call<Ticket>('POST', '/v1/realtime/tickets')).body.ticket
  }
}
