import type { ApiClient } from '../typescript/client'
import { answer } from '../typescript/problem'
import type { User } from '../typescript/schema'
import type { State } from '../typescript/state'
import { Observable } from './observable'
import { Mistake } from './problems'

const nameIn = ({ firstName, lastName, username }: User) =>
  [firstName, lastName].filter(Boolean).join(' ') || username || ''

/** The people that the signed-in user knows. A chat's id is the id of the user it is with. */
export class People extends Observable {
  readonly #http: ApiClient['http']
  readonly #stateNow: () => State
  /** Users without a chat yet: the local copy does not include their profiles. */
  readonly #strangers = new Map<string, User>()
  readonly #asked = new Set<string>()

  constructor({ http }: Pick<ApiClient, 'http'>, stateNow: () => State) {
    super()
    this.#http = http
    this.#stateNow = stateNow
  }

  get #state() {
    return this.#stateNow()
  }

  ownName() {
    const { me } = this.#state
    return me ? nameIn(me) || me.phoneNumber : ''
  }

  /** A user's display name: the contact name that the signed-in user chose comes first, if there is one. */
  of(userId: string) {
    if (userId === this.#state.me?.id) return { name: 'Notes to self', avatarUrl: null }
    const chat = this.#state.chats.get(userId)
    if (chat && !chat.peer) return { name: 'Deleted account', avatarUrl: null }
    const user = chat?.peer ?? this.#strangers.get(userId)
    if (!user) void this.#ask(userId)
    const name = this.#state.contacts.get(userId)?.name || (user && nameIn(user))
    return { name: name || 'Unnamed user', avatarUrl: user?.avatarUrl ?? null }
  }

  author(userId: string) {
    return userId === this.#state.me?.id ? 'You' : this.of(userId).name
  }

  contacts() {
    return [...this.#state.contacts.keys()].map((id) => ({ id, ...this.of(id) }))
  }

  /** Saves the owner of the number as a contact and returns their id; undefined if nobody has the number. */
  async findByNumber(phoneNumber: string): Promise<string | undefined> {
    const body = { phoneNumbers: [phoneNumber] }
    const { matches, invalid } = await answer(this.#http.POST('/v1/contacts/find', { body }))
    if (invalid.length > 0) throw new Mistake('That’s not a valid phone number. Start with + and the country code.')
    const user = matches[0]?.user
    if (!user) return undefined
    this.#strangers.set(user.id, user)
    if (user.id !== this.#state.me?.id) await this.#saveContact(user, phoneNumber)
    return user.id
  }

  async #saveContact(user: User, phoneNumber: string) {
    if (this.#state.contacts.has(user.id)) return
    const params = { path: { userId: user.id } }
    const body = { name: nameIn(user) === '' ? phoneNumber : null }
    await answer(this.#http.PUT('/v1/contacts/{userId}', { params, body }))
  }

  async #ask(userId: string) {
    if (this.#asked.has(userId)) return
    this.#asked.add(userId)
    const params = { path: { userId } }
    const user = await answer(this.#http.GET('/v1/users/{userId}', { params })).catch(() => undefined)
    if (user) this.#strangers.set(userId, user)
    this.changed()
  }
}
