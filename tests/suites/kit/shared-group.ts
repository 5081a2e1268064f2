// A group of two users, and what happens to it over a network without faults.
import type { Chat, CreatedGroup, Messages } from '../../../examples/typescript/schema.d.ts'
import { attempt, obtain } from '../runtime/http.ts'
import type { Runtime } from '../runtime/runtime.ts'
import type { SignedInUser } from '../runtime/sign-in.ts'

export class SharedGroup {
  readonly id: string
  readonly #origin: string
  readonly #owner: SignedInUser
  readonly #other: SignedInUser
  #titles = 0
  /** One after another: somebody who is away cannot be removed. */
  #membership: Promise<unknown> = Promise.resolve()

  private constructor(id: string, origin: string, [owner, other]: [SignedInUser, SignedInUser]) {
    this.id = id
    this.#origin = origin
    this.#owner = owner
    this.#other = other
  }

  /** A new group: the first user owns it. */
  static async open({ origin }: Runtime, users: [SignedInUser, SignedInUser]): Promise<SharedGroup> {
    const [{ token }, { id }] = users
    const body = { clientGroupId: crypto.randomUUID(), title: 'Lighthouse keepers', memberIds: [id] }
    const { chat } = await obtain<CreatedGroup>(origin, 'POST', '/v1/groups', { token, body })
    return new SharedGroup(chat.id, origin, users)
  }

  rename() {
    return this.#call<Chat>('PATCH', `/v1/groups/${this.id}`, { title: `Keepers ${++this.#titles}` })
  }

  /** To the latest message, whatever it is. */
  async react() {
    const path = `/v1/chats/${this.id}/messages`
    const { items } = await this.#call<Messages>('GET', `${path}?limit=1`)
    const emoji = encodeURIComponent('👍')
    // What happened to the group cannot be reacted to.
    await attempt(this.#origin, 'PUT', `${path}/${items[0]?.id}/reactions/${emoji}`, { token: this.#owner.token })
  }

  comeAndGo() {
    this.#membership = this.#membership.then(async () => {
      await this.#call('DELETE', `/v1/groups/${this.id}/members/${this.#other.id}`)
      await this.#call('POST', `/v1/groups/${this.id}/members`, { userIds: [this.#other.id] })
    })
    return this.#membership
  }

  #call<Body>(method: string, path: string, body?: object): Promise<Body> {
    return obtain<Body>(this.#origin, method, path, { token: this.#owner.token, body })
  }
}
