import { setTimeout as sleep } from 'node:timers/promises'
import type { Ticket } from '../../../schemas/realtime'
import { type Fetched, GroupCopies } from '../../support/group-copies.ts'
import type { RealtimeClient } from '../../support/realtime-client.ts'
import { obtain } from '../runtime/http.ts'
import { openRealtime } from '../runtime/realtime.ts'
import type { SignedInUser } from '../runtime/sign-in.ts'

const pauseMs = 100

/** A member of the group with an open socket. */
export class Member {
  readonly user: SignedInUser
  readonly copies: GroupCopies
  /** When a message first arrived (`performance.now()`), by its text. */
  readonly arrivals = new Map<string, number>()
  #socket: RealtimeClient | undefined

  constructor(user: SignedInUser) {
    this.user = user
    this.copies = new GroupCopies(user.id, (groupId, cursor) => this.#fetch(groupId, cursor))
  }

  /** Resolves once the socket is live. */
  async connect(origin: string) {
    const { ticket } = await obtain<Ticket>(origin, 'POST', '/v1/realtime/tickets', { token: this.user.token })
    const { promise, resolve } = Promise.withResolvers<void>()
    const socket = openRealtime({ origin, ticket, cursor: undefined }, (_, frame) => {
      if (frame?.type === 'groupChanges') {
        for (const { text } of frame.changes?.messages ?? []) this.#note(text)
        this.copies.takeFrame(frame)
      }
      if (frame?.type === 'caughtUp') resolve()
      if (frame?.type !== 'changes') return
      this.copies.takeChanges(frame.changes)
      socket.confirm(frame.changes.cursor)
    })
    this.#socket = socket
    await promise
  }

  get isOpen(): boolean {
    return this.#socket?.isOpen ?? false
  }

  async #fetch(chatId: string, cursor: string | undefined): Promise<Fetched> {
    for (;;) {
      const request = { type: 'getGroupChanges', chatId, ...(cursor !== undefined && { cursor }) } as const
      const answer = await this.#socket?.ask(request).catch(() => undefined)
      if (!answer) return null
      if (answer.type === 'ack') {
        for (const { text } of answer.groupChanges?.messages ?? []) this.#note(text)
        return answer.groupChanges ?? null
      }
      if (answer.problem.status === 404) return 'out'
      await sleep(pauseMs)
    }
  }

  #note(text: string) {
    if (!this.arrivals.has(text)) this.arrivals.set(text, performance.now())
  }
}
