import type { ServerFrame } from '../../../schemas/realtime'
import type { Position } from '../../../src/core/cursors'
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
  isCaughtUp: boolean
  /** `changes` frames that the client has not confirmed with `received`, oldest first. */
  unreceived: { cursor: string; sentAt: number }[]
  /** Frames that arrived in the current window. */
  frames: { since: number; count: number }
  /** The users whose presence the client watches. */
  watchedUserIds: string[]
}

export const stateOf = (ws: WebSocket): SocketState => ws.deserializeAttachment()

/** Merges a change into the current state of a socket. */
export const remember = (ws: WebSocket, change: Partial<SocketState>) =>
  ws.serializeAttachment({ ...stateOf(ws), ...change })

/** The state of a socket that has just been opened. */
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

/** Counts a frame, which can be worth several. Returns false if there were too many. */
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
    // The socket was closed in the meantime. Its client comes back with the last cursor that it has stored.
  }
}

/** Closes a socket, unless it is closed already. */
export function close(ws: WebSocket, { code, reason }: { code: number; reason: string }) {
  try {
    ws.close(code, reason)
  } catch {
    // The client closed it first.
  }
}
