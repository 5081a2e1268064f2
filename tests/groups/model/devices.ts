import type { Changes } from '../../../schemas/changes'
import type { GroupChanges } from '../../../schemas/group-changes'
import { ServerFrame } from '../../../schemas/realtime'
import { readGroupCursor } from '../../../src/core/group-cursors'
import { note } from '../../model/journal'
import { call } from '../../support/call'
import { type Fetched, GroupCopies } from '../../support/group-copies'
import { type Answer, RealtimeClient, type Request } from '../../support/realtime-client'
import type { TestUser } from '../../support/users'
import type { Ledger } from './ledger'

/** A message that a device was given, in a membership. */
export interface Given {
  userId: string
  since: number
  id: string
}

interface Scene {
  ledger: Ledger
  given: Given[]
  /** What must never happen. */
  violations: string[]
}

// A bound for what hangs, not a measure.
const patienceMs = 10_000
const attemptsMax = 5

/** A device of a user: it keeps its copies by the documented rules. */
export abstract class Device {
  readonly user: TestUser
  readonly copies: GroupCopies
  protected readonly scene: Scene
  /** Where its changes of the first level continue. */
  protected cursor: string | undefined

  constructor(user: TestUser, scene: Scene) {
    this.user = user
    this.scene = scene
    this.copies = new GroupCopies(user.id, (groupId, cursor) => this.#fetchChecked(groupId, cursor))
  }

  /** Has the device learn what it can learn now. */
  abstract look(): Promise<void>

  /** The same, until it has learned everything. */
  abstract catchUp(): Promise<void>

  protected abstract fetch(groupId: string, cursor: string | undefined): Promise<Fetched>

  protected record(cursor: string, messages: readonly { id: string }[]) {
    const since = readGroupCursor(cursor)?.since ?? 0
    for (const { id } of messages) this.scene.given.push({ userId: this.user.id, since, id })
  }

  /** Whoever is surely out while they ask gets nothing. */
  async #fetchChecked(groupId: string, cursor: string | undefined): Promise<Fetched> {
    const span = this.scene.ledger.begin()
    const page = await this.fetch(groupId, cursor)
    this.scene.ledger.answered(span)
    if (page === null || page === 'out') return page
    if (this.scene.ledger.membership(this.user.id).surelyIs(false, span))
      this.scene.violations.push(`${this.user.id} is out, and was given ${JSON.stringify(page)}`)
    this.record(page.cursor, page.messages)
    return page
  }
}

/** Polls both levels over HTTP. */
export class RestDevice extends Device {
  #isComplete = false

  async look() {
    this.#isComplete = false
    for (let hasMore = true; hasMore; ) {
      const query = { cursor: this.cursor, limit: 20 }
      const { status, body } = await call<Changes>('listChanges', { query }, { as: this.user })
      if (status !== 200) return
      this.copies.takeChanges(body)
      this.cursor = body.cursor
      this.#isComplete = body.complete
      hasMore = body.hasMore
    }
    await this.copies.catchUp()
  }

  async catchUp() {
    for (let attempt = 0; attempt < attemptsMax; attempt++) {
      await this.look()
      if (this.#isComplete) return
    }
    throw new Error(`A group does not answer ${this.user.id}`)
  }

  protected async fetch(groupId: string, cursor: string | undefined): Promise<Fetched> {
    const input = { params: { groupId }, query: { cursor, limit: 3 } }
    const { status, body } = await call<GroupChanges>('listGroupChanges', input, { as: this.user })
    note(this.user.id, 'listGroupChanges', '→', status)
    if (status === 404) return 'out'
    return status === 200 ? body : null
  }
}

/** Listens to a socket, and asks over it. */
export class SocketDevice extends Device {
  #socket: RealtimeClient | undefined
  #isCaughtUp = false

  get isOpen(): boolean {
    return this.#socket?.isOpen ?? false
  }

  /** Connects if it is not connected. */
  async look() {
    if (this.isOpen) return
    const input = { query: { cursor: this.cursor }, headers: { Upgrade: 'websocket' } }
    const { status, response } = await call('connectRealtime', input, { as: this.user })
    note(this.user.id, 'connectRealtime', '→', status)
    if (response.webSocket) this.#listen(response.webSocket)
  }

  disconnect() {
    this.#socket?.close(1000)
    this.#socket = undefined
  }

  async catchUp() {
    for (let attempt = 0; attempt < attemptsMax; attempt++) {
      await this.look()
      await this.#settle()
      if (this.isOpen && this.#isCaughtUp) return this.copies.catchUp()
    }
    throw new Error(`No socket of ${this.user.id} stays open`)
  }

  /** Sends a frame; undefined without an answer. */
  async ask(request: Request): Promise<Answer | undefined> {
    const answered = this.#socket?.ask(request).catch(() => undefined)
    return Promise.race([answered, new Promise<undefined>((resolve) => setTimeout(resolve, patienceMs))])
  }

  protected async fetch(chatId: string, cursor: string | undefined): Promise<Fetched> {
    const answer = await this.ask({ type: 'getGroupChanges', chatId, ...(cursor !== undefined && { cursor }) })
    const what = answer?.type === 'error' ? answer.problem.status : answer?.type
    note(this.user.id, 'getGroupChanges', '→', what)
    if (answer?.type === 'ack') return answer.groupChanges ?? null
    return answer?.problem.status === 404 ? 'out' : null
  }

  /** Frames come in order: when this is answered, what was sent before is here. */
  async #settle() {
    if (this.isOpen) await this.ask({ type: 'typing', chatId: this.user.id })
  }

  #listen(ws: WebSocket) {
    this.#isCaughtUp = false
    const socket = new RealtimeClient(ws, (_, frame) => {
      if (frame && socket === this.#socket) this.#take(socket, ServerFrame.parse(frame))
    })
    this.#socket = socket
    ws.accept()
  }

  #take(socket: RealtimeClient, frame: ServerFrame) {
    if (frame.type === 'groupChanges') {
      note(this.user.id, 'frame', frame.from, frame.version)
      this.record(frame.cursor, frame.changes?.messages ?? [])
      this.copies.takeFrame(frame)
    }
    if (frame.type === 'caughtUp') {
      this.#isCaughtUp = true
      this.copies.catchUp()
    }
    if (frame.type !== 'changes') return
    this.copies.takeChanges(frame.changes)
    this.cursor = frame.changes.cursor
    socket.confirm(frame.changes.cursor)
  }
}
