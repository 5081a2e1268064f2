import type { Chat } from '../../../schemas/chat'
import type { Message, NewMessage } from '../../../schemas/message'
import type { AckFrame, ClientFrame, ServerFrame } from '../../../schemas/realtime'
import { type ProblemError, problem } from '../../../src/core/errors'
import { limits } from '../../../src/core/limits'
import { errorFields, log } from '../../../src/core/log'
import { asProblem, problemBody, retryAfterSeconds } from '../../../src/core/problem-body'
import { done, type Outcome, type Refusal, refuse } from '../../durable/outcome'
import type { Box, Caller, CallerBox } from '../context'
import { isPeer, type Seen, type Signal, unseen, type Watch } from './presence'
import { remember, send, stateOf } from './socket-state'

/** A frame that is answered by an `ack` or an `error`. */
type Asked = Exclude<ClientFrame, { type: 'received' }>
type Result = Omit<AckFrame, 'type' | 'id'>

/** What answering needs of the mailbox. */
export interface Actions {
  send: (caller: Caller, chatId: string, input: NewMessage) => Outcome<{ message: Message }>
  markRead: (caller: Caller, chatId: string, upToMessageId: string) => Outcome<Chat>
  /** Says something to a peer's mailbox; nobody waits for it. */
  tell: (userId: string, signal: Signal) => void
  watch: (userId: string, watch: Watch) => Promise<Seen | null>
  waitUntil: (promise: Promise<unknown>) => void
}

export const toPresence = (userId: string, { online, lastSeenAt }: Seen): ServerFrame => ({
  type: 'presence',
  userId,
  online,
  lastSeenAt: lastSeenAt === null ? null : new Date(lastSeenAt).toISOString(),
})

export function refuseFrame(ws: WebSocket, id: string | null, error: ProblemError) {
  const retryAfter = retryAfterSeconds(error)
  const problem = problemBody(error, stateOf(ws).requestId)
  send(ws, { type: 'error', id, problem, ...(retryAfter !== undefined && { retryAfterSeconds: retryAfter }) })
}

const problemOf = ({ ok: _, code, ...options }: Refusal) => problem(code, options)

/** Carries out what a client asks for, and answers it. */
export function answer(actions: Actions, ws: WebSocket, box: CallerBox, frame: Asked) {
  try {
    const outcome = carryOut(actions, ws, box, frame)
    if (!outcome.ok) return refuseFrame(ws, frame.id, problemOf(outcome))
    send(ws, { type: 'ack', id: frame.id, ...outcome.value })
    if (frame.type === 'presence') actions.waitUntil(askPresence(actions, ws, box))
  } catch (error) {
    // What it wrote was rolled back, and sending it again is safe.
    log('error', 'frame_failed', { requestId: stateOf(ws).requestId, type: frame.type, ...errorFields(error) })
    refuseFrame(ws, frame.id, asProblem(error))
  }
}

function carryOut(actions: Actions, ws: WebSocket, box: CallerBox, frame: Asked): Outcome<Result> {
  switch (frame.type) {
    case 'sendMessage': {
      const { type: _type, id: _id, chatId, ...input } = frame
      const sent = actions.send(stateOf(ws), chatId, input)
      return sent.ok ? done({ message: sent.value.message }) : sent
    }
    case 'markRead': {
      const marked = actions.markRead(stateOf(ws), frame.chatId, frame.upToMessageId)
      return marked.ok ? done({ chat: marked.value }) : marked
    }
    case 'typing':
      if (!box.chats.find(frame.chatId)) return refuse('chat_not_found')
      if (isPeer(box, frame.chatId)) actions.tell(frame.chatId, { from: box.userId, kind: 'typing' })
      return done({})
    case 'presence':
      remember(ws, { interest: [...new Set(frame.userIds)] })
      return done({})
  }
}

/** Asks the mailboxes of those whom a socket watches; they remember it, and tell when it changes. */
async function askPresence({ watch }: Actions, ws: WebSocket, box: Box) {
  const asking = { from: box.userId, until: box.now + limits.presenceInterestMs }
  const answers = stateOf(ws).interest.map(async (userId) => {
    const seen = isPeer(box, userId) ? await watch(userId, asking).catch(notAnswered) : null
    send(ws, toPresence(userId, seen ?? unseen))
  })
  await Promise.all(answers)
}

function notAnswered(error: unknown): null {
  log('warn', 'watch_failed', errorFields(error))
  return null
}
