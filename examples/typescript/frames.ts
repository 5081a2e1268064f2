import { Refused } from './problem.js'
import type {
  AckFrame,
  ErrorFrame,
  GetGroupChangesFrame,
  MarkReadFrame,
  SendMessageFrame,
  SendTypingFrame,
  ServerFrame,
  WatchPresenceFrame,
} from './schema.js'

type Asked = SendMessageFrame | MarkReadFrame | SendTypingFrame | WatchPresenceFrame | GetGroupChangesFrame
type WithoutId<Frame> = Frame extends unknown ? Omit<Frame, 'id'> : never

/** A request over the socket, which gives it its id. */
export type Ask = WithoutId<Asked>

/** A frame of the server; undefined if it is none, because something on the way has spoiled it. */
export function parseFrame(data: unknown): ServerFrame | undefined {
  try {
    const frame: ServerFrame | null = JSON.parse(String(data))
    if (typeof frame?.type !== 'string') return undefined
    if (frame.type === 'changes' && typeof frame.changes?.cursor !== 'string') return undefined
    if (frame.type === 'groupChanges' && typeof frame.cursor !== 'string') return undefined
    return frame
  } catch {
    return undefined
  }
}

interface Waiting {
  resolve: (ack: AckFrame) => void
  reject: (error: Error) => void
}

/** The requests of one connection that have no response yet. */
export class Unanswered {
  readonly #waiting = new Map<string, Waiting>()
  #lastId = 0

  /** A new request: the id to send it with, and its response, which rejects with `Refused` for an `error`. */
  add() {
    const id = String(++this.#lastId)
    const response = new Promise<AckFrame>((resolve, reject) => this.#waiting.set(id, { resolve, reject }))
    return { id, response }
  }

  settle(frame: AckFrame | ErrorFrame) {
    const waiting = this.#waiting.get(frame.id ?? '')
    this.#waiting.delete(frame.id ?? '')
    if (frame.type === 'ack') waiting?.resolve(frame)
    else waiting?.reject(new Refused(frame.problem, frame.retryAfterSeconds))
  }

  /** Rejects them all. Each may or may not have been carried out. */
  forget() {
    for (const { reject } of this.#waiting.values()) reject(new Error('The connection has ended.'))
    this.#waiting.clear()
  }
}
