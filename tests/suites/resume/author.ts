import type { Message } from '../../../schemas/message'
import type { Random } from '../../support/random.ts'
import type { Client } from './client.ts'
import { anyText } from './texts.ts'

const emoji = ['👍', '❤️', '👩‍👩‍👧‍👦', '🏴‍☠️']

/** How often an author does what to its messages, as weights. */
const habits = { edit: 6, react: 3, deleteForEveryone: 1, deleteForMe: 1 }

/** A message as last acknowledged to its author. */
export interface Written {
  id: string
  text: string
}

interface AuthorOptions {
  client: Client
  chatId: string
  draw: Random
  name: string
}

/** A connection that writes to a chat, one call at a time, and remembers what was acknowledged. */
export class Author {
  /** Messages that it can still change; then those it deleted for everyone, and those it deleted for its own user. */
  readonly messages: Written[] = []
  readonly deleted: Written[] = []
  readonly hidden: Written[] = []
  readonly #client: Client
  readonly #chatId: string
  readonly #draw: Random
  readonly #name: string
  #count = 0

  constructor({ client, chatId, draw, name }: AuthorOptions) {
    this.#client = client
    this.#chatId = chatId
    this.#draw = draw
    this.#name = name
  }

  get userId(): string {
    return this.#client.id
  }

  /** Sends a message, occasionally as a reply to one of its own. */
  async send(text = anyText(this.#draw)) {
    const isReply = this.messages.length > 0 && this.#draw.below(20) === 0
    const quoted = isReply ? this.#draw.pick(this.messages) : undefined
    const { body } = await this.#client.call<Message>('POST', `/v1/chats/${this.#chatId}/messages`, {
      clientMessageId: `${this.#name}-${this.#count++}`,
      text,
      ...(quoted && { replyToId: quoted.id }),
    })
    this.messages.push({ id: body.id, text })
  }

  /** Changes one of its messages. */
  async changeOne() {
    await this[this.#draw.weighted(habits)](this.#draw.pick(this.messages))
  }

  async edit(message = this.#draw.pick(this.messages)) {
    const text = anyText(this.#draw)
    await this.#client.call('PATCH', this.#pathOf(message), { text })
    message.text = text
  }

  async react(message: Written) {
    await this.#client.call('PUT', `${this.#pathOf(message)}/reactions/${encodeURIComponent(this.#draw.pick(emoji))}`)
  }

  async deleteForEveryone(message: Written) {
    await this.#client.call('DELETE', `${this.#pathOf(message)}?scope=everyone`)
    this.#putAway(message, this.deleted)
  }

  async deleteForMe(message: Written) {
    await this.#client.call('DELETE', this.#pathOf(message))
    this.#putAway(message, this.hidden)
  }

  #putAway(message: Written, place: Written[]) {
    this.messages.splice(this.messages.indexOf(message), 1)
    place.push(message)
  }

  #pathOf = ({ id }: Written) => `/v1/chats/${this.#chatId}/messages/${id}`
}
