import { setTimeout as sleep } from 'node:timers/promises'
import type { Changes } from '../../../schemas/changes'
import type { Chat } from '../../../schemas/chat'
import type { GroupChanges } from '../../../schemas/group-changes'
import type { Message, OutgoingMessage } from '../../../schemas/message'
import { ClientState } from '../../support/client-state.ts'
import { GroupCopies } from '../../support/group-copies.ts'
import { type Page, readAll } from '../../support/pages.ts'
import { type Random, random } from '../../support/random.ts'
import { attempt, type CallInput, call, obtain, untilAnswered } from '../runtime/http.ts'
import type { SignedInUser } from '../runtime/sign-in.ts'
import { Socket } from './socket.ts'

const thinkMsMax = { sending: 250, tending: 40, inGroups: 120 }
const burstMax = 6
const pageMax = 200
const recentMessages = 30
const repeatsAtRest = 10

/** What a client does besides sending, as weights. */
const habits = { edit: 12, deleteForEveryone: 6, markRead: 12, sendAgain: 5, sync: 15 }

/** What the user knows about a message. */
export interface Sent {
  chatId: string
  body: OutgoingMessage
  /** Null until it is acknowledged. */
  id: string | null
  text: string
  isDeleted: boolean
}

/** A message that was acknowledged. */
type Known = Sent & { id: string }

const isKnown = (sent: Sent): sent is Known => sent.id !== null

interface ClientOptions {
  origin: string
  user: SignedInUser
  seed: number
  /** Called the moment a send is acknowledged. */
  onSent: () => void
}

/**
 * One user's device. It remembers what was acknowledged, and retries everything else until it is acknowledged, so that
 * every outcome is known at the end.
 */
export class Client {
  readonly id: string
  readonly socket: Socket
  /** Built from pages over HTTP only. */
  readonly state: ClientState
  /** The same of groups. */
  readonly groups: GroupCopies
  /** Every send, by client message id. */
  readonly sent = new Map<string, Sent>()
  /** The furthest acknowledged read mark, by chat. */
  readonly readMarks = new Map<string, string>()
  acknowledged = 0
  /** Sends whose first attempt was stored although its answer was lost. */
  foundStored = 0
  /** Retries that returned something other than the current state of the message that they had created. */
  readonly wrongRetries: object[] = []
  readonly #origin: string
  readonly #token: string
  readonly #draw: Random
  readonly #onSent: () => void
  #pickPeer = () => this.id
  #isOver = false

  constructor({ origin, user, seed, onSent }: ClientOptions) {
    this.id = user.id
    this.socket = new Socket(origin, user)
    this.state = new ClientState(user.id)
    this.groups = new GroupCopies(user.id, (groupId, cursor) => this.#fetchGroup(groupId, cursor))
    this.#origin = origin
    this.#token = user.token
    this.#draw = random(seed)
    this.#onSent = onSent
  }

  /** Acts until told to finish, with every user including itself, but mostly with its neighbors, and in groups. */
  async run(users: readonly Client[], actInGroups: () => Promise<unknown>) {
    this.#isOver = false
    const at = users.indexOf(this)
    const near = [1, 2, users.length - 2, users.length - 1].flatMap((step) => users[(at + step) % users.length] ?? [])
    this.#pickPeer = () => this.#draw.pick(this.#draw.below(4) > 0 ? near : users).id
    await Promise.all([
      this.#repeat(thinkMsMax.sending, () => this.send()),
      this.#repeat(thinkMsMax.tending, () => this[this.#draw.weighted(habits)]()),
      this.#repeat(thinkMsMax.inGroups, actInGroups),
    ])
  }

  async #repeat(pauseMsMax: number, act: () => Promise<unknown>) {
    while (!this.#isOver) {
      await act()
      await sleep(this.#draw.below(pauseMsMax))
    }
  }

  /** Stops after the calls in flight. */
  finish() {
    this.#isOver = true
  }

  /** Sends one message, or several at once to the same chat. */
  async send() {
    const chatId = this.#pickPeer()
    const count = this.#draw.below(3) > 0 ? 1 : this.#draw.between(2, burstMax)
    await Promise.all(Array.from({ length: count }, () => this.#sendTo(chatId)))
  }

  async #sendTo(chatId: string) {
    const clientMessageId = `${this.id}-${this.sent.size}`
    const quoted = this.#draw.below(4) === 0 ? this.#recent(this.#visible(chatId)) : undefined
    const text = `message ${clientMessageId}`
    const body = { clientMessageId, text, ...(quoted && { replyToId: quoted.id }) }
    const sent: Sent = { chatId, body, id: null, text, isDeleted: false }
    this.sent.set(clientMessageId, sent)
    const answer = await this.#sendUntilAnswered(sent, [200, 201, 422])
    if (!answer.ok) return
    if (answer.wasStored && answer.repeated > 0) this.foundStored++
    sent.id = answer.body.id
    this.acknowledged++
  }

  /** Retries a send that was acknowledged long ago. */
  async sendAgain() {
    const sent = this.#own()
    if (sent) await this.repeat(sent)
  }

  /** Sends into a group, over either connection, until it is answered. A retry of it is the same message. */
  async sendInGroup(chatId: string, body: OutgoingMessage) {
    const what = `sendMessage ${chatId} ${JSON.stringify(body)}`
    const path = `/v1/chats/${chatId}/messages`
    return untilAnswered(what, [200, 201, 404], async () => {
      const answer = await (this.socket.isOpen && this.#draw.below(2) === 0
        ? this.socket.sendMessage(chatId, body)
        : attempt<Message>(this.#origin, 'POST', path, { token: this.#token, body }))
      if (answer.ok) this.#onSent()
      return answer
    })
  }

  async repeat(sent: Known) {
    const { status, ok, body } = await this.#sendUntilAnswered(sent, [200])
    if (!ok || status !== 200 || body.id !== sent.id || body.text !== sent.text)
      this.wrongRetries.push({ sent, status, body })
  }

  /** Retries a random selection of everything sent. */
  async repeatSome() {
    const known = [...this.sent.values()].filter(isKnown)
    for (let n = 0; n < Math.min(known.length, repeatsAtRest); n++) await this.repeat(this.#draw.pick(known))
  }

  async edit() {
    const sent = this.#own()
    if (!sent) return
    const text = `edited ${sent.body.clientMessageId} ${this.#draw.below(1_000)}`
    const { status } = await this.call<Message>('PATCH', this.#pathOf(sent), { body: { text } })
    if (status === 200) sent.text = text
  }

  async deleteForEveryone() {
    const sent = this.#own()
    if (!sent) return
    const { status } = await this.call<null>('DELETE', `${this.#pathOf(sent)}?scope=everyone`, { expected: [204] })
    if (status === 204) Object.assign(sent, { text: '', isDeleted: true })
  }

  async markRead() {
    const chatId = this.#pickPeer()
    const upTo = this.#recent(this.#visible(chatId).filter(({ senderId }) => senderId !== this.id))
    if (!upTo) return
    const body = { upToMessageId: upTo.id }
    const { status } = await untilAnswered(`markRead ${chatId} ${upTo.id}`, [200], async () =>
      this.#isBySocket(chatId)
        ? this.socket.markRead(chatId, upTo.id)
        : attempt<Chat>(this.#origin, 'PUT', `/v1/chats/${chatId}/read`, { token: this.#token, body }),
    )
    const known = this.readMarks.get(chatId) ?? ''
    if (status === 200 && upTo.id > known) this.readMarks.set(chatId, upTo.id)
  }

  /** Reads changes from the current cursor to the end; returns the pages. */
  async sync(state = this.state): Promise<Changes[]> {
    const pages: Changes[] = []
    await state.sync(async (cursor) => {
      const query = new URLSearchParams({
        limit: String(this.#draw.between(1, pageMax)),
        ...(cursor !== undefined && { cursor }),
      })
      const page = await this.get<Changes>(`/v1/changes?${query}`)
      pages.push(page)
      if (state === this.state) this.groups.takeChanges(page)
      return page
    })
    return pages
  }

  get<Body>(path: string): Promise<Body> {
    return obtain<Body>(this.#origin, 'GET', path, { token: this.#token })
  }

  /** Every item of a list. */
  list<Item>(path: string): Promise<Item[]> {
    return readAll((cursor) => {
      const query = new URLSearchParams({ limit: String(pageMax), ...(cursor !== undefined && { cursor }) })
      return this.get<Page<Item>>(`${path}?${query}`)
    })
  }

  async #sendUntilAnswered({ chatId, body }: Sent, expected: number[]) {
    return untilAnswered(`sendMessage ${chatId} ${JSON.stringify(body)}`, expected, async () => {
      const answer = await this.#sendOnce(chatId, body)
      if (answer.ok) this.#onSent()
      return answer
    })
  }

  /** `wasStored` tells that the message existed before; only HTTP answers show it. */
  async #sendOnce(chatId: string, body: OutgoingMessage) {
    if (this.#isBySocket(chatId)) return { ...(await this.socket.sendMessage(chatId, body)), wasStored: false }
    const input = { token: this.#token, body }
    const answer = await attempt<Message>(this.#origin, 'POST', `/v1/chats/${chatId}/messages`, input)
    return { ...answer, wasStored: answer.status === 200 }
  }

  /** Whether the next attempt goes over the socket, which refuses the first message to a user. */
  #isBySocket = (chatId: string) => this.socket.isOpen && this.state.hasChat(chatId) && this.#draw.below(2) === 0

  async #fetchGroup(groupId: string, cursor: string | undefined) {
    const query = new URLSearchParams({
      limit: String(this.#draw.between(1, pageMax)),
      ...(cursor !== undefined && { cursor }),
    })
    const path = `/v1/groups/${groupId}/changes?${query}`
    const answer = await this.call<GroupChanges>('GET', path, { expected: [200, 404] })
    return answer.ok ? answer.body : 'out'
  }

  /** Makes a call as the user, until it is answered. */
  call<Body>(method: string, path: string, input: CallInput & { expected?: number[] }) {
    return call<Body>(this.#origin, method, path, { token: this.#token, ...input })
  }

  #pathOf = ({ chatId, id }: Known) => `/v1/chats/${chatId}/messages/${id}`

  #recent<Item>(items: Item[]): Item | undefined {
    return items.length === 0 ? undefined : this.#draw.pick(items.slice(-recentMessages))
  }

  /** The messages of a chat that the user can act on, oldest first. */
  #visible = (chatId: string) => this.state.messagesOf(chatId).filter(({ deletedAt }) => deletedAt === null)

  /** An own message that can still be changed. */
  #own(): Known | undefined {
    return this.#recent([...this.sent.values()].filter(isKnown).filter(({ isDeleted }) => !isDeleted))
  }
}
