import { setTimeout as sleep } from 'node:timers/promises'
import { attempt } from '../runtime/http.ts'
import { limits } from './limits.ts'

/** A user's calls, one of the many devices that they may come from. */
export class Client {
  /** How often it was told to wait, as too much was undelivered. */
  held = 0
  #token

  constructor(origin, { id, token }) {
    this.origin = origin
    this.id = id
    this.#token = token
  }

  /** One call; waits as long as the service asks it to, and rejects when it is refused. */
  async call(method, path, body) {
    for (;;) {
      const answer = await attempt(this.origin, method, path, { token: this.#token, body })
      if (answer.status < 400) return answer
      if (answer.status !== 429) throw new Error(`${method} ${path}: ${answer.status} ${answer.body?.code}`)
      this.held++
      await sleep(answer.retryAfterSeconds * 1_000)
    }
  }

  async get(path) {
    return (await this.call('GET', path)).body
  }

  /** Every item of a list. */
  async list(path) {
    const items = []
    for (let cursor = null; ; ) {
      const query = new URLSearchParams({ limit: String(limits.pageRowsMax), ...(cursor && { cursor }) })
      const page = await this.get(`${path}?${query}`)
      items.push(...page.items)
      cursor = page.nextCursor
      if (cursor === null) return items
    }
  }

  /** A page of changes and its size. */
  async changes(cursor) {
    const query = new URLSearchParams({ limit: String(limits.pageRowsMax), ...(cursor && { cursor }) })
    const { body: changes, bytes } = await this.call('GET', `/v1/changes?${query}`)
    return { changes, bytes }
  }

  async ticket() {
    return (await this.call('POST', '/v1/realtime/tickets')).body.ticket
  }
}
