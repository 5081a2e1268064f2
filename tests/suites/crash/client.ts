import { setTimeout as sleep } from 'node:timers/promises'
import { random } from '../../support/random.ts'
import { Copy } from '../runtime/copy.ts'
import { attempt, call, untilAnswered } from '../runtime/http.ts'
import { Socket } from './socket.ts'

const thinkMsMax = { sending: 250, tending: 40 }
const burstMax = 6
const pageMax = 200
const recentMessages = 30
const repeatsAtRest = 10

/** How often a client does what besides sending. */
const habits = { edit: 12, deleteForEveryone: 6, markRead: 12, sendAgain: 5, sync: 15 }

/**
 * One user's device. It remembers what was acknowledged, and repeats what was not until it is: at the end nothing is in
 * doubt.
 */
export class Client {
  copy = new Copy()
  /** Every send, by client message id: what its user knows of the message. */
  sent = new Map()
  /** The furthest read mark that was acknowledged, by chat. */
  readMarks = new Map()
  acknowledged = 0
  /** Sends whose first attempts were stored though nobody had heard of it. */
  foundStored = 0
  /** Retries that were answered with another message than the one they had made, as it was then. */
  misrepeated = []
  #origin
  #token
  #draw
  #peers
  #onSent
  #isOver = false

  constructor({ origin, user, seed, onSent }) {
    this.id = user.id
    this.socket = new Socket(origin, user.token)
    this.#origin = origin
    this.#token = user.token
    this.#draw = random(seed)
    this.#onSent = onSent
  }

  /** Acts until it is told to finish, with each other user and with itself, more with those next to it. */
  async run(users) {
    this.#isOver = false
    const at = users.findIndex(({ id }) => id === this.id)
    const near = [1, 2, users.length - 2, users.length - 1].map((step) => users[(at + step) % users.length])
    this.#peers = () => this.#draw.pick(this.#draw.below(4) > 0 ? near : users).id
    await Promise.all([
      this.#repeat(thinkMsMax.sending, () => this.send()),
      this.#repeat(thinkMsMax.tending, () => this[this.#draw.weighted(habits)]()),
    ])
  }

  async #repeat(pauseMsMax, act) {
    while (!this.#isOver) {
      await act()
      await sleep(this.#draw.below(pauseMsMax))
    }
  }

  /** What is under way is still brought to its end. */
  finish() {
    this.#isOver = true
  }

  /** Sends a message, or several at once into the same chat. */
  async send() {
    const chatId = this.#peers()
    const count = this.#draw.below(3) > 0 ? 1 : this.#draw.between(2, burstMax)
    await Promise.all(Array.from({ length: count }, () => this.#sendTo(chatId)))
  }

  async #sendTo(chatId) {
    const clientMessageId = `${this.id}-${this.sent.size}`
    const quoted = this.#draw.below(4) === 0 ? this.#recent(this.copy.visible(chatId)) : undefined
    const body = { clientMessageId, text: `message ${clientMessageId}`, ...(quoted && { replyToId: quoted.id }) }
    const sent = { chatId, body, id: null, text: body.text, isDeleted: false }
    this.sent.set(clientMessageId, sent)
    const { status, body: message, repeated, wasStored } = await this.#sendUntilAnswered(sent, [200, 201, 422])
    if (status >= 400) return
    if (wasStored && repeated > 0) this.foundStored++
    sent.id = message.id
    this.acknowledged++
  }

  /** A retry of what was acknowledged long ago. */
  async sendAgain() {
    const sent = this.#own()
    if (sent) await this.repeat(sent)
  }

  async repeat(sent) {
    const { status, body } = await this.#sendUntilAnswered(sent, [200])
    if (status !== 200 || body.id !== sent.id || body.text !== sent.text) this.misrepeated.push({ sent, status, body })
  }

  /** Retries some of all that was sent, early and late. */
  async repeatSome() {
    const known = [...this.sent.values()].filter(({ id }) => id !== null)
    for (let n = 0; n < Math.min(known.length, repeatsAtRest); n++) await this.repeat(this.#draw.pick(known))
  }

  async edit() {
    const sent = this.#own()
    if (!sent) return
    const text = `edited ${sent.body.clientMessageId} ${this.#draw.below(1_000)}`
    const { status } = await this.#call('PATCH', this.#pathOf(sent), { body: { text } })
    if (status === 200) sent.text = text
  }

  async deleteForEveryone() {
    const sent = this.#own()
    if (!sent) return
    const { status } = await this.#call('DELETE', `${this.#pathOf(sent)}?scope=everyone`, { expected: [204] })
    if (status === 204) Object.assign(sent, { text: '', isDeleted: true })
  }

  async markRead() {
    const chatId = this.#peers()
    const upTo = this.#recent(this.copy.visible(chatId).filter(({ senderId }) => senderId !== this.id))
    if (!upTo) return
    const { status } = await this.#askUntilAnswered('markRead', chatId, { upToMessageId: upTo.id }, [200])
    const known = this.readMarks.get(chatId) ?? ''
    if (status === 200 && upTo.id > known) this.readMarks.set(chatId, upTo.id)
  }

  /** Follows the changes from the running cursor to their end. Answers with the pages. */
  async sync(copy = this.copy) {
    const pages = []
    do {
      const query = new URLSearchParams({ limit: String(this.#draw.between(1, pageMax)) })
      if (copy.cursor) query.set('cursor', copy.cursor)
      pages.push((await this.#call('GET', `/v1/changes?${query}`)).body)
      copy.apply(pages.at(-1))
    } while (pages.at(-1).hasMore)
    return pages
  }

  async get(path) {
    return (await this.#call('GET', path)).body
  }

  /** Every item of a list. */
  async list(path) {
    const items = []
    for (let cursor = null; ; ) {
      const page = await this.get(`${path}?limit=${pageMax}${cursor ? `&cursor=${encodeURIComponent(cursor)}` : ''}`)
      items.push(...page.items)
      cursor = page.nextCursor
      if (cursor === null) return items
    }
  }

  #sendUntilAnswered = ({ chatId, body }, expected) => this.#askUntilAnswered('sendMessage', chatId, body, expected)

  /** Each attempt goes over HTTP or, when it is open, the socket; there the first message to a user is refused. */
  #askUntilAnswered(type, chatId, body, expected) {
    return untilAnswered(`${type} ${chatId} ${JSON.stringify(body)}`, expected, async () => {
      const isBySocket = this.socket.isOpen && this.copy.chats.has(chatId) && this.#draw.below(2) === 0
      const answer = isBySocket
        ? await this.socket.ask(type, { chatId, ...body })
        : await this.#askOverHttp(type, chatId, body)
      if (type === 'sendMessage' && answer.status < 300) this.#onSent()
      return answer
    })
  }

  async #askOverHttp(type, chatId, body) {
    const [method, noun] = type === 'sendMessage' ? ['POST', 'messages'] : ['PUT', 'read']
    const answer = await attempt(this.#origin, method, `/v1/chats/${chatId}/${noun}`, { token: this.#token, body })
    return { ...answer, wasStored: type === 'sendMessage' && answer.status === 200 }
  }

  #call(method, path, input) {
    return call(this.#origin, method, path, { token: this.#token, ...input })
  }

  #pathOf = ({ chatId, id }) => `/v1/chats/${chatId}/messages/${id}`

  #recent = (items) => (items.length === 0 ? undefined : this.#draw.pick(items.slice(-recentMessages)))

  /** A message of one's own that can still be changed. */
  #own() {
    return this.#recent([...this.sent.values()].filter(({ id, isDeleted }) => id !== null && !isDeleted))
  }
}
