import type { ServerFrame } from '../../../schemas/realtime'
import type { Position } from '../../../src/core/cursors'
import { limits } from '../../../src/core/limits'

/**
 * All that is known of a socket, in its attachment: it survives hibernation and eviction, where memory does not. The
 * platform takes 16,384 bytes.
 */
export interface SocketState {
  sessionId: string
  /** What links in frames begin with. */
  origin: string
  /** Of the request that opened it. */
  requestId: string
  /** Epoch milliseconds, as all times here. No two are equal: the platform lists sockets in no order. */
  openedAt: number
  /** When the last frame came. */
  heardAt: number
  /** Up to where changes were sent; null before the first. */
  position: Position | null
  isCaughtUp: boolean
  /** Frames of changes that the client has not said to have received, oldest first. */
  unreceived: { cursor: string; sentAt: number }[]
  /** Frames that came in the present window. */
  frames: { since: number; count: number }
  /** Whose presence the client wants to know. */
  watchedUserIds: string[]
}

export const stateOf = (ws: WebSocket): SocketState => ws.deserializeAttachment()

/** Changes what a socket remembers, on top of what it remembers by now. */
export const remember = (ws: WebSocket, change: Partial<SocketState>) =>
  ws.serializeAttachment({ ...stateOf(ws), ...change })

/** The memory of a socket that has just been opened. */
export const initialState = (
  opened: Pick<SocketState, 'sessionId' | 'origin' | 'requestId' | 'openedAt' | 'position'>,
  now: number,
): SocketState => ({
  ...opened,
  heardAt: now,
  isCaughtUp: false,
  unreceived: [],
  frames: { since: now, count: 0 },
  watchedUserIds: [],
})

/** Counts a frame, or one that is worth several; false when there were too many. */
export function countFrame(ws: WebSocket, now: number, worth = 1): boolean {
  const { frames } = stateOf(ws)
  const isOver = now - frames.since >= limits.socketFramesWindowMs
  const counted = isOver ? { since: now, count: worth } : { ...frames, count: frames.count + worth }
  remember(ws, { frames: counted, heardAt: now })
  return counted.count <= limits.socketFramesMax
}

export function send(ws: WebSocket, frame: ServerFrame) {
  try {
    ws.send(JSON.stringify(frame))
  } catch {
    // It was closed in the meantime, and its client comes back with the last cursor that it has stored.
  }
}

/** Ends a socket, unless that has been done. */
export function close(ws: WebSocket, { code, reason }: { code: number; reason: string }) {
  try {
    ws.close(code, reason)
  } catch {
    // The client was faster.
  }
}
