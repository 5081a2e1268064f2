import type { Position, StartingPoint } from '../../../src/core/cursors'
import { events } from '../../../src/core/events'
import { limits } from '../../../src/core/limits'
import { done, type Outcome, refuse } from '../../durable/outcome'
import type { Caller, CallerContext } from '../context'
import type { Drains } from '../delivery/drains'
import { type GroupNews, toGroupFrame } from '../groups/frames'
import * as tickets from '../sessions/tickets'
import type { MailboxStore } from '../store'
import {
  type FrameHost,
  type GroupFrames,
  handleFrame,
  type RequestFrame,
  refuseFrame,
  toPresence,
} from './frame-handlers'
import { frameBytes, readFrame } from './frames'
import { isTold, Presence, type PresenceState, type PresenceSubscription, type Signal } from './presence'
import { sendChanges } from './push-changes'
import {
  close,
  countFrame,
  initialState,
  isUnread,
  mustShowReading,
  release,
  remember,
  send,
  stateOf,
} from './socket-state'

/** What the worker passes on about a request for a socket. */
export interface Connection {
  by: Pick<Caller, 'sessionId' | 'step'> | { ticket: string }
  origin: string
  /** Where changes resume, or null. */
  position: Position | null
  /** Where they start otherwise. */
  otherwise: StartingPoint
  requestId: string
}

/** The calls to other mailboxes that sockets make. */
interface Peers {
  signal: (userId: string, signal: Signal) => Promise<void>
  subscribe: (userId: string, subscription: PresenceSubscription) => Promise<PresenceState | null>
}

interface Dependencies {
  ctx: DurableObjectState
  store: MailboxStore
  drains: Drains
  peers: Peers
  groups: Groups
}

/** What sockets need of groups. */
interface Groups extends GroupFrames {
  /** Asks groups that have changed, and has the answers sent as changes. */
  refresh: () => Promise<boolean>
}

/** Why the server closes a socket. The API document lists the codes. */
const ends = {
  frameTooLarge: { code: 1009, reason: 'frame_too_large' },
  sessionEnded: { code: 4401, reason: 'session_ended' },
  notReceived: { code: 4408, reason: 'not_received' },
  tooManySockets: { code: 4409, reason: 'too_many_connections' },
  tooManyFrames: { code: 4429, reason: 'too_many_frames' },
  fault: { code: 1011, reason: 'internal_error' },
}

/** Each user watched costs a call to another mailbox, so a frame that watches many counts as several. */
const furtherWorth = (frame: RequestFrame) => (frame.type === 'presence' ? Math.floor(frame.userIds.length / 10) : 0)

/** The sockets of one mailbox. Nothing about them is kept in memory, so they survive its loss. */
export class Sockets {
  readonly #ctx: DurableObjectState
  readonly #store: MailboxStore
  readonly #peers: Peers
  readonly #frames: FrameHost
  readonly #presence: Presence
  readonly #groups: Groups

  constructor({ ctx, store, drains, peers, groups }: Dependencies) {
    this.#ctx = ctx
    this.#groups = groups
    this.#store = store
    this.#peers = peers
    const tell = (userId: string, signal: Signal) => this.#tell(userId, signal)
    const waitUntil = (promise: Promise<unknown>) => ctx.waitUntil(promise)
    this.#frames = {
      inChat: (chatId, work) => drains.afterWrite(chatId, store.write(work)),
      tell,
      subscribe: peers.subscribe,
      groups,
      waitUntil,
    }
    this.#presence = new Presence({
      heardAt: () => this.#open().map((ws) => this.#heardAt(ws)),
      tell,
    })
    ctx.setWebSocketAutoResponse(new WebSocketRequestResponsePair('ping', 'pong'))
  }

  /** Returns a socket, or the refusal as JSON. */
  accept(request: Request): Response {
    const connection: Connection = JSON.parse(new URL(request.url).searchParams.get('connection') ?? '')
    const opened = this.#openSocket(connection)
    return opened.ok ? new Response(null, { status: 101, webSocket: opened.value }) : Response.json(opened)
  }

  #openSocket({ by, ...connection }: Connection): Outcome<WebSocket> {
    const sessionId = 'ticket' in by ? this.#redeem(by.ticket) : by.sessionId
    if (sessionId === null) return refuse('ticket_invalid')
    const context = this.#store.callerContext({ sessionId, origin: connection.origin })
    if (!context) return refuse('session_ended')
    if ('sessionId' in by) this.#store.beginCall(by)
    const openedAt = this.#makeRoom(context.now)
    const { 0: client, 1: server } = new WebSocketPair()
    this.#ctx.acceptWebSocket(server, [sessionId])
    server.serializeAttachment(initialState({ ...connection, sessionId, openedAt }, context.now))
    this.#push(server)
    this.#presence.settle(context)
    return done(client)
  }

  #redeem(ticket: string): string | null {
    return this.#store.isLive ? tickets.redeem(this.#store.context(), ticket) : null
  }

  /**
   * Closes the socket unheard for longest if there are too many to open another: its client may be gone without a word.
   * Returns the new socket's opening time.
   */
  #makeRoom(now: number): number {
    const sockets = this.#open().map((ws) => ({ ws, heardAt: this.#heardAt(ws), openedAt: stateOf(ws).openedAt }))
    const lastHeardFirst = sockets.sort((a, b) => b.heardAt - a.heardAt || b.openedAt - a.openedAt)
    for (const { ws } of lastHeardFirst.slice(limits.socketsMax - 1)) close(ws, ends.tooManySockets)
    return Math.max(now, ...sockets.map(({ openedAt }) => openedAt + 1))
  }

  message(ws: WebSocket, data: string | ArrayBuffer) {
    const context = this.#store.callerContext(stateOf(ws))
    if (!context) return close(ws, ends.sessionEnded)
    const bytes = frameBytes(data)
    if (bytes > limits.jsonBodyBytesMax) return close(ws, ends.frameTooLarge)
    if (!countFrame(ws, context.now, { count: 1, bytes })) return close(ws, ends.tooManyFrames)
    this.#presence.settle(context)
    const read = readFrame(data)
    if ('error' in read) refuseFrame(ws, read.id, read.error)
    else if (read.frame.type !== 'received') this.#handle(ws, context, read.frame)
    // A `received` frame that is due does not count against the client's rate limit.
    else if (release(ws, read.frame.cursor)) this.#released(ws, context.now)
    this.#push(ws)
  }

  #released(ws: WebSocket, now: number) {
    countFrame(ws, now, { count: -1 })
    if (!stateOf(ws).hasMissedGroups) return
    remember(ws, { hasMissedGroups: false })
    this.#ctx.waitUntil(this.#groups.refresh())
  }

  #handle(ws: WebSocket, context: CallerContext, frame: RequestFrame) {
    if (!countFrame(ws, context.now, { count: furtherWorth(frame) })) return close(ws, ends.tooManyFrames)
    handleFrame(this.#frames, ws, context, frame)
  }

  closed(ws: WebSocket, code = 1000) {
    // Of the codes below 3000, applications can send only 1000: 1005, 1006, and 1015 throw.
    close(ws, { code: code >= 3000 ? code : 1000, reason: '' })
    if (this.#store.isLive) this.#presence.settle(this.#store.context(), this.#heardAt(ws))
  }

  /** Sends every socket what it has not been sent, and closes those of ended sessions. Called after each write. */
  pump() {
    for (const ws of this.#open()) this.#push(ws)
  }

  /** An error here affects only the socket: the write that it follows stands. */
  #push(ws: WebSocket) {
    try {
      const context = this.#store.callerContext(stateOf(ws))
      if (!context) close(ws, ends.sessionEnded)
      else if (!sendChanges(ws, context)) close(ws, ends.notReceived)
    } catch (error) {
      events.pushFailed({ requestId: stateOf(ws).requestId, error })
      close(ws, ends.fault)
    }
  }

  /** Whether a socket is open. */
  get isLive(): boolean {
    return this.#open().length > 0
  }

  /** Shows what has changed in a group, in passing: the chat follows as a change once the group is asked. */
  tellGroup(nudge: GroupNews) {
    this.#store.endExpiredSessions()
    for (const ws of this.#open()) {
      const { isCaughtUp, origin, unreadBytes } = stateOf(ws)
      // What is left out is made good when the client shows that it reads.
      if (!isCaughtUp || unreadBytes > limits.socketConfirmedBytes) remember(ws, { hasMissedGroups: true })
      else send(ws, toGroupFrame(this.#store.groupWire(origin, nudge.groupId), nudge, this.#store))
      this.#push(ws)
    }
  }

  /** Tells the sockets that somebody types in a group. */
  tellTyping(groupId: string, userId: string) {
    for (const ws of this.#open()) if (stateOf(ws).isCaughtUp) send(ws, { type: 'typing', chatId: groupId, userId })
  }

  /** Passes a transient signal from a peer's mailbox on to the sockets. */
  signal(signal: Signal) {
    const { from } = signal
    // Whoever begins a chat is not heard of before its owner has accepted it, but for their messages.
    if (!this.#store.isLive || !isTold(this.#store.context(), from)) return
    for (const ws of this.#open()) {
      if (signal.kind === 'typing') send(ws, { type: 'typing', chatId: from, userId: from })
      else if (stateOf(ws).watchedUserIds.includes(from)) send(ws, toPresence(from, signal))
      if (mustShowReading(stateOf(ws)) || isUnread(stateOf(ws))) this.#push(ws)
    }
  }

  /**
   * Tells the sockets that messages in a chat have arrived, up to this one. The change of the chat follows when it is
   * written: a number that a client was shown would be given twice if a crash came before that.
   */
  tellDelivered(chatId: string, messageId: string) {
    this.#store.endExpiredSessions()
    for (const ws of this.#open()) if (stateOf(ws).isCaughtUp) send(ws, { type: 'delivered', chatId, messageId })
  }

  #tell(userId: string, signal: Signal) {
    const told = this.#peers.signal(userId, signal)
    this.#ctx.waitUntil(told.catch((error) => events.signalFailed({ error })))
  }

  /**
   * Returns the presence to a peer's mailbox, and remembers to report changes to it. Null if the peer may not know it.
   */
  subscribe(subscription: PresenceSubscription): PresenceState | null {
    return this.#store.isLive ? this.#presence.subscribe(this.#store.context(), subscription) : null
  }

  /** Called after the owner has changed who may know their presence: for all who watch it, or for one user. */
  tellSubscribers(only?: string) {
    if (this.#store.isLive) this.#presence.tellSubscribers(this.#store.context(), only)
  }

  /** Called after the owner blocks somebody. */
  hideFrom(userId: string) {
    if (this.#store.isLive) this.#presence.hideFrom(this.#store.context(), userId)
  }

  #open = () => this.#ctx.getWebSockets().filter((ws) => ws.readyState === WebSocket.OPEN)

  #heardAt(ws: WebSocket): number {
    const answeredAt = this.#ctx.getWebSocketAutoResponseTimestamp(ws)?.getTime() ?? 0
    return Math.max(stateOf(ws).heardAt, answeredAt)
  }
}
