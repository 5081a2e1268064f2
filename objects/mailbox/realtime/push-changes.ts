import { toChangesCursor } from '../../../src/core/cursors'
import { limits } from '../../../src/core/limits'
import type { CallerContext } from '../context'
import { epoch } from '../tables/epoch'
import { changesPage } from './changes'
import { remember, type SocketState, send, stateOf } from './socket-state'

/**
 * Each socket is sent every change once, in order, from the position it remembers: missed changes, new changes, and
 * changes that waited for `received` are the same pages from the same position.
 */

const isBehind = (context: CallerContext, { position }: SocketState) =>
  position === null || position.seq !== context.sequence.last || position.epoch !== epoch(context.sql)

/**
 * Sends what a socket has not been sent, as far as its client keeps up. Returns false if the client has not kept up for
 * too long.
 */
export function sendChanges(ws: WebSocket, context: CallerContext): boolean {
  for (let state = stateOf(ws); isBehind(context, state); state = stateOf(ws)) {
    const [oldest] = state.unreceived
    if (oldest && state.unreceived.length >= limits.socketUnreceivedMax)
      return context.now - oldest.sentAt <= limits.socketUnreceivedMs
    const { changes, at } = changesPage(context, state.position, limits.pageMax)
    send(ws, { type: 'changes', changes })
    const sent = { cursor: changes.cursor, sentAt: context.now }
    remember(ws, { position: at, unreceived: [...state.unreceived, sent] })
  }
  const { isCaughtUp, position } = stateOf(ws)
  if (isCaughtUp || !position) return true
  send(ws, { type: 'caughtUp', cursor: toChangesCursor(position) })
  remember(ws, { isCaughtUp: true })
  return true
}

/** Stops counting the frames up to a cursor as unreceived. Returns false if no frame with that cursor is waiting. */
export function release(ws: WebSocket, cursor: string): boolean {
  const { unreceived } = stateOf(ws)
  const received = unreceived.findIndex((frame) => frame.cursor === cursor)
  if (received === -1) return false
  remember(ws, { unreceived: unreceived.slice(received + 1) })
  return true
}
