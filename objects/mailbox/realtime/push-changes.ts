import { toChangesCursor } from '../../../src/core/cursors'
import { limits } from '../../../src/core/limits'
import type { CallerContext } from '../context'
import { epoch } from '../tables/epoch'
import { changesPage } from './changes'
import { isUnread, mustShowReading, remember, type SocketState, send, sendPage, stateOf } from './socket-state'

/**
 * Each socket is sent every change once, in order, from the position it remembers: missed changes, new changes, and
 * changes that waited for `received` are the same pages from the same position.
 */

const isBehind = (context: CallerContext, { position }: SocketState) =>
  position === null || position.seq !== context.sequence.last || position.epoch !== epoch(context.values)

/**
 * Sends what a socket has not been sent, as far as its client keeps up. A client that was sent many other frames gets a
 * page even if nothing has changed, because its `received` shows that it reads. Returns false if the client has not kept
 * up for too long.
 */
export function sendChanges(ws: WebSocket, context: CallerContext): boolean {
  for (let state = stateOf(ws); isBehind(context, state) || mustShowReading(state); state = stateOf(ws)) {
    const [oldest] = state.unreceived
    if (oldest && state.unreceived.length >= limits.socketUnreceivedMax)
      return !isUnread(state) && context.now - oldest.sentAt <= limits.socketUnreceivedMs
    sendPage(ws, changesPage(context, state, limits.pageMax), context.now)
  }
  const { isCaughtUp, position } = stateOf(ws)
  if (!isCaughtUp && position) {
    send(ws, { type: 'caughtUp', cursor: toChangesCursor(position) })
    remember(ws, { isCaughtUp: true })
  }
  return !isUnread(stateOf(ws))
}
