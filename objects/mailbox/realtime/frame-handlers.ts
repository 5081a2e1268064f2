import type { AckFrame, ClientFrame } from '../../../schemas/realtime'
import { type ProblemError, problem } from '../../../src/core/errors'
import { events } from '../../../src/core/events'
import { limits } from '../../../src/core/limits'
import { asProblem, problemBody, retryAfterSeconds } from '../../../src/core/problem-body'
import { toTimestampOrNull } from '../../../src/core/timestamp'
import { done, type Outcome, type Refusal, refuse } from '../../durable/outcome'
import { markRead } from '../chats/actions'
import { sendMessage } from '../chats/send-message'
import type { CallerContext, MailboxContext } from '../context'
import { isPeer, isTold, type PresenceState, type PresenceSubscription, type Signal, unseen } from './presence'
import { remember, send, stateOf, type UnconfirmedFrame } from './socket-state'

/** A frame that gets an `ack` or an `error` in reply. */
export type RequestFrame = Exclude<ClientFrame, { type: 'received' }>
type Result = Omit<AckFrame, 'type' | 'id'>

/** What handling a frame needs besides the context. */
export interface FrameHost {
  /** Runs a block that changes a chat, then delivers what it left for the peer. */
  inChat: <T>(chatId: string, work: () => Outcome<T>) => Outcome<T>
  /** Sends a signal to a peer's mailbox, without waiting for it. */
  tell: (userId: string, signal: Signal) => void
  subscribe: (userId: string, subscription: PresenceSubscription) => Promise<PresenceState | null>
  waitUntil: (promise: Promise<unknown>) => void
}

export const toPresence = (userId: string, { online, lastSeenAt }: PresenceState): UnconfirmedFrame => ({
  type: 'presence',
  userId,
  online,
  lastSeenAt: toTimestampOrNull(lastSeenAt),
})

export function refuseFrame(ws: WebSocket, id: string | null, error: ProblemError) {
  const retryAfter = retryAfterSeconds(error)
  const problem = problemBody(error, stateOf(ws).requestId)
  send(ws, { type: 'error', id, problem, ...(retryAfter !== undefined && { retryAfterSeconds: retryAfter }) })
}

const problemOf = ({ ok: _, code, ...options }: Refusal) => problem(code, options)

/** Performs what a client asks for in a frame, and replies to it. */
export function handleFrame(host: FrameHost, ws: WebSocket, context: CallerContext, frame: RequestFrame) {
  try {
    const outcome = perform(host, ws, context, frame)
    if (!outcome.ok) return refuseFrame(ws, frame.id, problemOf(outcome))
    send(ws, { type: 'ack', id: frame.id, ...outcome.value })
    if (frame.type === 'presence') host.waitUntil(sendPresence(host, ws, context))
  } catch (error) {
    // Its writes were rolled back, so the client can safely send the frame again.
    events.frameFailed({ requestId: stateOf(ws).requestId, type: frame.type, error })
    refuseFrame(ws, frame.id, asProblem(error))
  }
}

function perform(host: FrameHost, ws: WebSocket, context: CallerContext, frame: RequestFrame): Outcome<Result> {
  switch (frame.type) {
    case 'sendMessage': {
      const { type: _type, id: _id, chatId, ...input } = frame
      const sent = host.inChat(chatId, () => sendMessage(context, chatId, input, null))
      return sent.ok ? done({ message: sent.value.message }) : sent
    }
    case 'markRead': {
      const { chatId, upToMessageId } = frame
      const marked = host.inChat(chatId, () => markRead(context, chatId, upToMessageId))
      return marked.ok ? done({ chat: marked.value }) : marked
    }
    case 'typing':
      if (!context.chats.find(frame.chatId)) return refuse('chat_not_found')
      if (isTold(context, frame.chatId)) host.tell(frame.chatId, { from: context.userId, kind: 'typing' })
      return done({})
    case 'presence':
      remember(ws, { watchedUserIds: [...new Set(frame.userIds)] })
      return done({})
  }
}

/**
 * Subscribes to the presence of the users that a socket watches, and sends it. Their mailboxes report when it changes.
 */
async function sendPresence({ subscribe }: FrameHost, ws: WebSocket, context: MailboxContext) {
  const subscription = { from: context.userId, until: context.now + limits.presenceInterestMs }
  const answers = stateOf(ws).watchedUserIds.map(async (userId) => {
    const state = isPeer(context, userId) ? await subscribe(userId, subscription).catch(notAnswered) : null
    send(ws, toPresence(userId, state ?? unseen))
  })
  await Promise.all(answers)
}

function notAnswered(error: unknown): null {
  events.watchFailed({ error })
  return null
}
