import type { ClientFrame } from '../../../schemas/realtime'
import type { Position } from '../../../src/core/cursors'
import { limits } from '../../../src/core/limits'
import { errorFields, log } from '../../../src/core/log'
import { done, type Outcome, refuse } from '../../durable/outcome'
import type { Box, Caller, CallerBox } from '../context'
import * as tickets from '../sessions/tickets'
import { type Actions, answer, refuseFrame, toPresence } from './frame-handlers'
import { readFrame } from './frames'
import { isPeer, Presence, type Seen, type Signal, type Watch } from './presence'
import { release, sendChanges } from './push-changes'
import { close, countFrame, initialState, send, stateOf } from './socket-state'

/** What the worker says of a request for a socket. */
export interface Connection {
  by: { sessionId: string } | { ticket: string }
  origin: string
  /** Where changes go on; null for all of them. */
  position: Position | null
  requestId: string
}

/** What the sockets need of the mailbox they belong to. */
interface Host extends Pick<Actions, 'send' | 'markRead' | 'watch'> {
  ctx: DurableObjectState
  /** Null when there is no mailbox. */
  box: () => Box | null
  /** Null when the session is over. */
  callerBox: (caller: Caller) => CallerBox | null
  isPresenceHidden: () => boolean
  signal: (userId: string, signal: Signal) => Promise<void>
}

/** Why the server ends a socket; the document names the codes. */
const ends = {
  sessionEnded: { code: 4401, reason: 'session_ended' },
  notReceived: { code: 4408, reason: 'not_received' },
  tooManySockets: { code: 4409, reason: 'too_many_connections' },
  tooManyFrames: { code: 4429, reason: 'too_many_frames' },
  fault: { code: 1011, reason: 'internal_error' },
}

/** Each user watched is a call to another mailbox, so that interest in many is worth several frames. */
const furtherWorth = (frame: ClientFrame) => (frame.type === 'presence' ? Math.floor(frame.userIds.length / 10) : 0)

/** The sockets of one mailbox. Nothing of them is kept in memory, so that they outlive it. */
export class Sockets {
  readonly #host: Host
  readonly #actions: Actions
  readonly #presence: Presence

  constructor(host: Host) {
    this.#host = host
    const tell = (userId: string, signal: Signal) => this.#tell(userId, signal)
    this.#actions = { ...host, tell, waitUntil: (promise) => host.ctx.waitUntil(promise) }
    this.#presence = new Presence({
      heardAt: () => this.#open().map((ws) => this.#heardAt(ws)),
      isHidden: host.isPresenceHidden,
      tell,
    })
    host.ctx.setWebSocketAutoResponse(new WebSocketRequestResponsePair('ping', 'pong'))
  }

  /** Answers with a socket, or with the refusal as JSON. */
  accept(request: Request): Response {
    const connection: Connection = JSON.parse(new URL(request.url).searchParams.get('connection') ?? '')
    const opened = this.#openSocket(connection)
    return opened.ok ? new Response(null, { status: 101, webSocket: opened.value }) : Response.json(opened)
  }

  #openSocket({ by, ...connection }: Connection): Outcome<WebSocket> {
    const sessionId = 'ticket' in by ? this.#redeem(by.ticket) : by.sessionId
    if (sessionId === null) return refuse('ticket_invalid')
    const box = this.#host.callerBox({ sessionId, origin: connection.origin })
    if (!box) return refuse('session_ended')
    const openedAt = this.#makeRoom(box.now)
    const { 0: client, 1: server } = new WebSocketPair()
    this.#host.ctx.acceptWebSocket(server, [sessionId])
    server.serializeAttachment(initialState({ ...connection, sessionId, openedAt }, box.now))
    this.#push(server)
    this.#presence.settle(box)
    return done(client)
  }

  #redeem(ticket: string): string | null {
    const box = this.#host.box()
    return box && tickets.redeem(box, ticket)
  }

  /** Ends the oldest socket when there are too many for one more, whose time of opening is the answer. */
  #makeRoom(now: number): number {
    const openedAt = (ws: WebSocket) => stateOf(ws).openedAt
    const newestFirst = this.#open().sort((a, b) => openedAt(b) - openedAt(a))
    for (const ws of newestFirst.slice(limits.socketsMax - 1)) close(ws, ends.tooManySockets)
    const [newest] = newestFirst
    return Math.max(now, newest ? openedAt(newest) + 1 : 0)
  }

  message(ws: WebSocket, data: string | ArrayBuffer) {
    const box = this.#host.callerBox(stateOf(ws))
    if (!box) return close(ws, ends.sessionEnded)
    if (!countFrame(ws, box.now)) return close(ws, ends.tooManyFrames)
    this.#presence.settle(box)
    const read = readFrame(data)
    if ('error' in read) return refuseFrame(ws, read.id, read.error)
    if (!countFrame(ws, box.now, furtherWorth(read.frame))) return close(ws, ends.tooManyFrames)
    if (read.frame.type !== 'received') return answer(this.#actions, ws, box, read.frame)
    // What a client owes for each frame that it is sent is none of its own.
    if (release(ws, read.frame.cursor)) countFrame(ws, box.now, -1)
    this.#push(ws)
  }

  closed(ws: WebSocket, code = 1000) {
    // Codes below 3000 but 1000 are not for applications to send: 1005, 1006 and 1015 throw.
    close(ws, { code: code >= 3000 ? code : 1000, reason: '' })
    const box = this.#host.box()
    if (box) this.#presence.settle(box, this.#heardAt(ws))
  }

  /** Sends every socket what it has not been sent, and ends those of sessions that are over. For after each write. */
  pump() {
    for (const ws of this.#open()) this.#push(ws)
  }

  /** A fault here is the socket's alone: the write that it follows stands. */
  #push(ws: WebSocket) {
    try {
      const box = this.#host.callerBox(stateOf(ws))
      if (!box) close(ws, ends.sessionEnded)
      else if (!sendChanges(ws, box)) close(ws, ends.notReceived)
    } catch (error) {
      log('error', 'push_failed', { requestId: stateOf(ws).requestId, ...errorFields(error) })
      close(ws, ends.fault)
    }
  }

  /** What a peer's mailbox says for the moment. */
  signal(signal: Signal) {
    const { from } = signal
    const box = this.#host.box()
    if (!box || !isPeer(box, from)) return
    for (const ws of this.#open())
      if (signal.kind === 'typing') send(ws, { type: 'typing', chatId: from, userId: from })
      else if (stateOf(ws).interest.includes(from)) send(ws, toPresence(from, signal))
  }

  #tell(userId: string, signal: Signal) {
    const told = this.#host.signal(userId, signal)
    this.#host.ctx.waitUntil(told.catch((error) => log('warn', 'signal_failed', errorFields(error))))
  }

  /** Answers a peer's mailbox, and remembers to tell it. */
  watch(watch: Watch): Seen | null {
    const box = this.#host.box()
    return box && this.#presence.watch(box, watch)
  }

  /** For after the owner began or ended to hide their presence. */
  tellWatchers() {
    const box = this.#host.box()
    if (box) this.#presence.tellWatchers(box)
  }

  /** For after the owner blocked somebody. */
  hideFrom(userId: string) {
    const box = this.#host.box()
    if (box) this.#presence.hideFrom(box, userId)
  }

  #open = () => this.#host.ctx.getWebSockets().filter((ws) => ws.readyState === WebSocket.OPEN)

  #heardAt(ws: WebSocket): number {
    const answeredAt = this.#host.ctx.getWebSocketAutoResponseTimestamp(ws)?.getTime() ?? 0
    return Math.max(stateOf(ws).heardAt, answeredAt)
  }
}
