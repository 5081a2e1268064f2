import type { AckFrame, ClientFrame } from '../../../schemas/realtime'
import { type ProblemError, problem } from '../../../src/core/errors'
import { events } from '../../../src/core/events'
import { readGroupCursor } from '../../../src/core/group-cursors'
import { isGroupId } from '../../../src/core/ids'
import { limits } from '../../../src/core/limits'
import { asProblem, problemBody, retryAfterSeconds } from '../../../src/core/problem-body'
import { toTimestampOrNull } from '../../../src/core/timestamp'
import { done, type Outcome, type Refusal, refuse } from '../../durable/outcome'
import { markRead } from '../chats/actions'
import { sendMessage } from '../chats/send-message'
import type { CallerContext, MailboxContext } from '../context'
import type { GroupMessageCalls } from '../groups/message-calls'
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
  groups: GroupFrames
  waitUntil: (promise: Promise<unknown>) => void
}

/** What clients do in groups over the socket. */
export type GroupFrames = Pick<GroupMessageCalls, 'sendMessage' | 'markRead' | 'typing' | 'listChanges'>

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

/** Performs what a client asks for in a frame, and replies to it: at once, or after a group has answered. */
export function handleFrame(host: FrameHost, ws: WebSocket, context: CallerContext, frame: RequestFrame) {
  const failed = (error: unknown) => {
    // Its writes were rolled back, so the client can safely send the frame again.
    events.frameFailed({ requestId: stateOf(ws).requestId, type: frame.type, error })
    refuseFrame(ws, frame.id, asProblem(error))
  }
  const reply = (outcome: Outcome<Result>) => {
    if (!outcome.ok) return refuseFrame(ws, frame.id, problemOf(outcome))
    send(ws, { type: 'ack', id: frame.id, ...outcome.value })
    if (frame.type === 'presence') host.waitUntil(sendPresence(host, ws, context))
  }
  try {
    if ('chatId' in frame && isGroupId(frame.chatId)) host.waitUntil(inGroup(host, ws, frame).then(reply).catch(failed))
    else reply(perform(host, ws, context, frame))
  } catch (error) {
    failed(error)
  }
}

/** The frames about one chat. */
type ChatFrame = Extract<RequestFrame, { chatId: string }>

/** The same in a group. The caller's session is checked again for each. */
async function inGroup({ groups }: FrameHost, ws: WebSocket, frame: ChatFrame): Promise<Outcome<Result>> {
  const { sessionId, origin } = stateOf(ws)
  const caller = { sessionId, origin, step: null }
  switch (frame.type) {
    case 'sendMessage': {
      const { type: _type, id: _id, chatId, ...input } = frame
      const sent = await groups.sendMessage(caller, chatId, input)
      return sent.ok ? done({ message: sent.value.message }) : sent
    }
    case 'markRead': {
      const marked = await groups.markRead(caller, frame.chatId, frame.upToMessageId)
      return marked.ok ? done({ chat: marked.value }) : marked
    }
    case 'typing': {
      const told = await groups.typing(caller, frame.chatId)
      return told.ok ? done({}) : told
    }
    case 'getGroupChanges': {
      const position = readGroupCursor(frame.cursor)
      if (position === undefined) return notACursor
      // One after the other: a client that asks for many at once is not to drown in the answers.
      if (stateOf(ws).unreadBytes > limits.socketConfirmedBytes)
        return { ok: false, code: 'too_many_requests', retryAfterSeconds: 1 }
      const size = { limit: limits.pageMax, bytesMax: limits.groupFrameBytesMax }
      const page = await groups.listChanges(caller, frame.chatId, position, size)
      return page.ok ? done({ groupChanges: page.value }) : page
    }
  }
}

const notACursor = refuse('invalid_request', [
  { pointer: '/cursor', code: 'custom', detail: 'Not a cursor of the changes of a group.' },
])

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
    case 'getGroupChanges':
      return refuse('chat_not_found')
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
