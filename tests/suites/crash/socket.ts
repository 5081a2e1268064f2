// A device that only uses a WebSocket. After each disconnect, it reconnects as soon as it can and resumes from its last
// cursor.
import { setTimeout as sleep } from 'node:timers/promises'
import type { Chat } from '../../../schemas/chat'
import type { Message, OutgoingMessage } from '../../../schemas/message'
import type { AckFrame, Ticket } from '../../../schemas/realtime'
import { ClientState } from '../../support/client-state.ts'
import { type Fetched, GroupCopies } from '../../support/group-copies.ts'
import type { RealtimeClient, Request } from '../../support/realtime-client.ts'
import { type Answer, attempt, totals } from '../runtime/http.ts'
import { openRealtime } from '../runtime/realtime.ts'
import type { SignedInUser } from '../runtime/sign-in.ts'

const pauseMs = 40
const answeredWithinMs = 15_000
const refusedPauseMs = 200

export class Socket {
  /** Built from `changes` frames only. */
  readonly state: ClientState
  /** Built from both levels of what the socket brings of groups, and from what it asks for. */
  readonly groups: GroupCopies
  readonly #origin: string
  readonly #token: string
  #client: RealtimeClient | undefined

  constructor(origin: string, { id, token }: SignedInUser) {
    this.state = new ClientState(id)
    this.groups = new GroupCopies(id, (groupId, cursor) => this.#fetchGroup(groupId, cursor))
    this.#origin = origin
    this.#token = token
  }

  get isOpen(): boolean {
    return this.#client?.isOpen ?? false
  }

  /** Stays connected until the process ends. */
  async run(): Promise<never> {
    for (;;) {
      await this.#connect().catch(() => {})
      await sleep(pauseMs)
    }
  }

  async #connect() {
    const answer = await attempt<Ticket>(this.#origin, 'POST', '/v1/realtime/tickets', { token: this.#token })
    if (!answer.ok) return
    const { ticket } = answer.body
    const client = openRealtime({ origin: this.#origin, ticket, cursor: this.state.cursor }, (_, frame) => {
      if (frame?.type === 'groupChanges') this.groups.takeFrame(frame)
      // What was asked for on a connection that ended is asked for again.
      if (frame?.type === 'caughtUp') this.groups.catchUp()
      if (frame?.type !== 'changes') return
      this.state.apply(frame.changes)
      client.confirm(frame.changes.cursor)
      this.groups.takeChanges(frame.changes)
    })
    this.#client = client
    await client.closed
  }

  sendMessage(chatId: string, body: OutgoingMessage): Promise<Answer<Message>> {
    return this.#ask({ type: 'sendMessage', chatId, ...body }, ({ message }) => message)
  }

  markRead(chatId: string, upToMessageId: string): Promise<Answer<Chat>> {
    return this.#ask({ type: 'markRead', chatId, upToMessageId }, ({ chat }) => chat)
  }

  async #fetchGroup(chatId: string, cursor: string | undefined): Promise<Fetched> {
    const client = this.#client
    const request = { type: 'getGroupChanges', chatId, ...(cursor !== undefined && { cursor }) } as const
    while (client?.isOpen) {
      const answer = await this.#ask(request, ({ groupChanges }) => groupChanges).catch(() => null)
      if (answer === null || answer.ok) return answer?.body ?? null
      if (answer.status === 404) return 'out'
      await sleep(refusedPauseMs)
    }
    return null
  }

  /** Resolves to the answer in HTTP terms; rejects if there is none. */
  async #ask<Body>(request: Request, bodyOf: (ack: AckFrame) => Body | undefined): Promise<Answer<Body>> {
    if (!this.#client) throw new Error('There is no connection')
    const tooLong = sleep(answeredWithinMs, null, { ref: false }).then(() => Promise.reject(new Error('No answer')))
    const answer = await Promise.race([this.#client.ask(request), tooLong])
    if (answer.type === 'error') return { ok: false, status: answer.problem.status, body: answer.problem }
    const body = bodyOf(answer)
    if (body) return { ok: true, status: 200, body }
    totals.unexpected.push(`An ack without its result: ${JSON.stringify(answer)}`)
    throw new Error('No result')
  }
}
