import type { Changes } from '../../../schemas/changes'
import type { ServerFrame } from '../../../schemas/realtime'
import type { Position, StartingPoint } from '../../../src/core/cursors'
import type { JsonText } from '../../../src/core/json-text'
import { limits } from '../../../src/core/limits'

/**
 * Everything that is known about a socket, kept in its attachment: it survives hibernation and eviction, which memory
 * does not. The platform allows 16,384 bytes.
 */
export interface SocketState {
  sessionId: string
  /** The origin that links in frames begin with. */
  origin: string
  /** From the request that opened the socket. */
  requestId: string
  /** Epoch milliseconds, like all times here. No two are equal: the platform lists sockets in no particular order. */
  openedAt: number
  /** When the last frame arrived. */
  heardAt: number
  /** The position up to which changes were sent, or null before the first. */
  position: Position | null
  /** Where changes start if the position is null or cannot be continued from. */
  otherwise: StartingPoint
  isCaughtUp: boolean
  /**
   * `changes` frames that the client has not confirmed with `received`, oldest first. `after` is `unreadBytes` as it was
   * when the frame was sent.
   */
  unreceived: { cursor: string; sentAt: number; after: number }[]
  /** Bytes of all other frames sent since the last `changes` frame that the client has confirmed. */
  unreadBytes: number
  /** Frames that arrived in the current window. */
  frames: { since: number; count: number; bytes: number }
  /** Whether frames of groups were left out, because the client did not keep up. */
  hasMissedGroups?: boolean
  /** The users whose presence the client watches. */
  watchedUserIds: string[]
}

export const stateOf = (ws: WebSocket): SocketState => ws.deserializeAttachment()

/** Merges a change into the current state of a socket. */
export const remember = (ws: WebSocket, change: Partial<SocketState>) =>
  ws.serializeAttachment({ ...stateOf(ws), ...change })

/** The state of a socket that has just been opened. */
export const initialState = (
  opened: Pick<SocketState, 'sessionId' | 'origin' | 'requestId' | 'openedAt' | 'position' | 'otherwise'>,
  now: number,
): SocketState => ({
  ...opened,
  heardAt: now,
  isCaughtUp: false,
  unreceived: [],
  unreadBytes: 0,
  frames: { since: now, count: 0, bytes: 0 },
  watchedUserIds: [],
})

/** What a frame takes of the client's budget. */
interface Worth {
  count?: number
  bytes?: number
}

/** Counts a frame, which can be worth several. Returns false if there were too many, or too many bytes of them. */
export function countFrame(ws: WebSocket, now: number, { count = 0, bytes = 0 }: Worth): boolean {
  const { frames } = stateOf(ws)
  const isOver = now - frames.since >= limits.socketFramesWindowMs
  const counted = isOver
    ? { since: now, count, bytes }
    : { ...frames, count: frames.count + count, bytes: frames.bytes + bytes }
  remember(ws, { frames: counted, heardAt: now })
  return counted.count <= limits.socketFramesMax && counted.bytes <= limits.socketFrameBytesMax
}

function transmit(ws: WebSocket, text: string) {
  try {
    ws.send(text)
  } catch {
    // The socket was closed in the meantime. Its client comes back with the last cursor that it has stored.
  }
}

/** What a client does not confirm. */
export type UnconfirmedFrame = Exclude<ServerFrame, { type: 'changes' }>

/** A page of changes as JSON, its cursor, and the position that the cursor names. */
interface SentPage {
  text: JsonText<Changes>
  cursor: string
  at: Position
}

/** Sends a page of changes, which the client must confirm. */
export function sendPage(ws: WebSocket, { text, cursor, at: position }: SentPage, now: number) {
  transmit(ws, `{"type":"changes","changes":${text}}`)
  const { unreceived, unreadBytes } = stateOf(ws)
  const sent = { cursor, sentAt: now, after: unreadBytes }
  remember(ws, { position, unreceived: [...unreceived, sent] })
}

/**
 * Sends any other frame. The platform does not tell how much of what was sent is still waiting, so its bytes count until
 * the client confirms a page that was sent after it.
 */
export function send(ws: WebSocket, frame: UnconfirmedFrame) {
  const text = JSON.stringify(frame)
  remember(ws, { unreadBytes: stateOf(ws).unreadBytes + Buffer.byteLength(text) })
  transmit(ws, text)
}

/** Takes the client's confirmation of a page. Returns false if no page with that cursor is waiting. */
export function release(ws: WebSocket, cursor: string): boolean {
  const { unreceived, unreadBytes } = stateOf(ws)
  const at = unreceived.findIndex((page) => page.cursor === cursor)
  const page = unreceived[at]
  if (!page) return false
  const waiting = unreceived.slice(at + 1).map((one) => ({ ...one, after: one.after - page.after }))
  remember(ws, { unreceived: waiting, unreadBytes: unreadBytes - page.after })
  return true
}

/** Whether a client must show that it still reads: much was sent since the last page that it confirmed. */
export const mustShowReading = ({ unreceived, unreadBytes }: SocketState) =>
  unreceived.length === 0 && unreadBytes > limits.socketConfirmedBytes

/** Whether more is waiting for the client than may wait. */
export const isUnread = ({ unreadBytes }: SocketState) => unreadBytes > limits.socketUnreadBytesMax

/** Closes a socket, unless it is closed already. */
export function close(ws: WebSocket, { code, reason }: { code: number; reason: string }) {
  try {
    ws.close(code, reason)
  } catch {
    // The client closed it first.
  }
}
