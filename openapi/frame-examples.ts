import type { ClientFrame, ServerFrame } from '../schemas/realtime'
import { type ProblemCode, problems } from '../src/core/errors'
import { answerId, changes, chat, chatRead, clientMessageId, cursor, question, read } from './examples/conversation'
import { groupChanges, groupChat, groupCursor, groupId, groupMessage } from './examples/groups'
import { benId, otherSession } from './examples/people'

const nothing = {
  messages: [],
  chats: [],
  left: [],
  complete: true,
  removed: [],
  contacts: [],
  blocks: [],
  sessions: [],
  me: null,
}
const problemOf = (code: ProblemCode) => ({
  type: `urn:problem-type:${code}`,
  ...problems[code],
  detail: `${problems[code].title}.`,
  code,
  requestId: '5f0c7a52-9c7e-4c37-8f5b-0c7d1a6d2f11',
})

interface Example<Frame> {
  summary: string
  payload: Frame
}

/** Examples of frames by the name of their schema, at least one for each. */
export const frameExamples: Record<string, Example<ClientFrame | ServerFrame>[]> = {
  SendMessageFrame: [
    {
      summary: 'Send a text message.',
      payload: { type: 'sendMessage', id: '7', chatId: benId, clientMessageId, text: question.text },
    },
  ],
  MarkReadFrame: [
    {
      summary: 'Mark what is on the screen as read.',
      payload: { type: 'markRead', id: '8', chatId: benId, upToMessageId: answerId },
    },
  ],
  SendTypingFrame: [{ summary: 'Typing to Ben.', payload: { type: 'typing', id: '9', chatId: benId } }],
  WatchPresenceFrame: [
    { summary: 'Watch only Ben from now on.', payload: { type: 'presence', id: '10', userIds: [benId] } },
    { summary: 'Stop watching.', payload: { type: 'presence', id: '11', userIds: [] } },
  ],
  GetGroupChangesFrame: [
    {
      summary: 'What has changed in the group since the last frame.',
      payload: { type: 'getGroupChanges', id: '13', chatId: groupId, cursor: groupCursor },
    },
  ],
  ReceivedFrame: [{ summary: 'Everything up to this cursor is stored.', payload: { type: 'received', cursor } }],
  ChangesFrame: [
    {
      summary: 'A message arrived, and its chat changed with it.',
      payload: {
        type: 'changes',
        changes,
      },
    },
    {
      summary: 'A message was deleted on another device.',
      payload: {
        type: 'changes',
        changes: {
          ...nothing,
          reset: false,
          chats: [{ ...chat, lastMessage: read, unreadCount: 0 }],
          removed: [{ chatId: benId, messageId: answerId }],
          cursor,
          hasMore: false,
        },
      },
    },
    {
      summary: 'Someone signed in as Ana in a browser.',
      payload: {
        type: 'changes',
        changes: {
          ...nothing,
          reset: false,
          sessions: [{ sessionId: otherSession.id, session: otherSession }],
          cursor,
          hasMore: false,
        },
      },
    },
  ],
  CaughtUpFrame: [{ summary: 'Live from here.', payload: { type: 'caughtUp', cursor } }],
  GroupChangesFrame: [
    {
      summary: 'Ben has written into the group.',
      payload: {
        ...{ type: 'groupChanges', chatId: groupId, from: 41, version: 42, chat: groupChat, cursor: groupCursor },
        changes: { messages: [groupMessage], removed: [], members: [] },
      },
    },
  ],
  TypingFrame: [{ summary: 'Ben is typing.', payload: { type: 'typing', chatId: benId, userId: benId } }],
  DeliveredFrame: [
    {
      summary: 'Ben’s mailbox has the message.',
      payload: { type: 'delivered', chatId: benId, messageId: 'msg_01KAT5M8E1T3P5Y7W9D2C4V6BN' },
    },
  ],
  PresenceFrame: [
    { summary: 'Online.', payload: { type: 'presence', userId: benId, online: true, lastSeenAt: null } },
    {
      summary: 'Offline.',
      payload: { type: 'presence', userId: benId, online: false, lastSeenAt: '2026-11-24T09:41:12.000Z' },
    },
  ],
  AckFrame: [
    { summary: 'Reply to `sendMessage`.', payload: { type: 'ack', id: '7', message: question } },
    {
      summary: 'Reply to `markRead`.',
      payload: { type: 'ack', id: '8', chat: chatRead },
    },
    { summary: 'Reply to `getGroupChanges`.', payload: { type: 'ack', id: '13', groupChanges } },
    { summary: 'Reply to `typing` and `presence`.', payload: { type: 'ack', id: '9' } },
  ],
  ErrorFrame: [
    {
      summary: 'Reply to a first message, which must be sent with `sendMessage` of the HTTP API.',
      payload: { type: 'error', id: '7', problem: problemOf('chat_not_found') },
    },
    {
      summary: 'Reply to one message too many; retry the same frame in four seconds.',
      payload: { type: 'error', id: '12', problem: problemOf('sends_exhausted'), retryAfterSeconds: 4 },
    },
  ],
}
