import type { ApiClient } from '../typescript/client'
import { answer } from '../typescript/problem'
import type { GroupUser, User } from '../typescript/schema'
import { isGroup, type State } from '../typescript/state'
import { isolated } from './direction'
import { Observable } from './observable'
import { Mistake } from './problems'

/** Of these at most are named. */
const namedMax = 3

const and = new Intl.ListFormat('en')

/** The name in a profile; an empty text if it has none. */
export const nameIn = ({ firstName, lastName, username }: Pick<User, 'firstName' | 'lastName' | 'username'>) =>
  [firstName, lastName].filter(Boolean).join(' ') || username || ''

/** The people that the signed-in user knows, and groups. A chat's id is the id of the user it is with, or of the group. */
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

  isMe(userId: string) {
    return userId === this.#state.me?.id
  }

  /** The title of a group, or a user's display name: the contact name that the signed-in user chose comes first. */
  of(id: string) {
    const chat = this.#state.chats.get(id)
    if (isGroup(id)) return { name: chat?.group?.title ?? 'Group', avatarUrl: null }
    if (this.isMe(id)) return { name: 'Notes to self', avatarUrl: null }
    if (chat && !chat.peer) return { name: 'Deleted account', avatarUrl: null }
    const user = chat?.peer ?? this.#member(id) ?? this.#strangers.get(id)
    if (!user) void this.#ask(id)
    const name = this.#state.contacts.get(id)?.name || (user && nameIn(user))
    return { name: name || 'Unnamed user', avatarUrl: user?.avatarUrl ?? null }
  }

  author(userId: string) {
    return this.isMe(userId) ? 'You' : this.of(userId).name
  }

  /** For within a sentence: "you, Ben and 3 others". */
  list(userIds: readonly string[], count = userIds.length) {
    const named = userIds.slice(0, count > namedMax + 1 ? namedMax : count)
    const names = named.map((id) => (this.isMe(id) ? 'you' : isolated(this.of(id).name)))
    const others = count - named.length
    return and.format(others > 0 ? [...names, `${others} other${others === 1 ? '' : 's'}`] : names)
  }

  /** Contacts and those that the user has chats with, by name: whom one may want in a group. */
  known() {
    const { chats, contacts, me } = this.#state
    const peers = [...chats.values()].flatMap(({ peer }) => peer?.id ?? [])
    const ids = new Set([...contacts.keys(), ...peers].filter((id) => id !== me?.id))
    return [...ids].map((id) => ({ id, ...this.of(id) })).sort((a, b) => a.name.localeCompare(b.name))
  }

  #member(userId: string): GroupUser | undefined {
    for (const members of this.#state.members.values()) {
      const member = members.get(userId)
      if (member) return member.user
    }
    return undefined
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
