import type { Changes } from '../../schemas/changes'
import type { Chat } from '../../schemas/chat'
import type { Message } from '../../schemas/message'
import type { Report } from '../../schemas/report'
import { anaId, ben, benId, picture } from './people'

export const [questionId, answerId] = ['msg_01KAT5Q9V6F2X4J8S0A3G5K7HB', 'msg_01KAT5QHZ3B7N1R5T9W2Y6C0DE']
export const clientMessageId = '5b1c6c0a-7c0e-4c6b-9a63-3f1f6c4d2e10'

/** What an app can add to a message. */
export const place = { location: { latitude: 38.5231, longitude: -8.9012 } }

export const cursor = 'WyIwMUtBVDVRIiw0Ml0'

/** Ana's message as it is first stored. */
export const question: Message = {
  id: questionId,
  chatId: benId,
  senderId: anaId,
  clientMessageId,
  text: 'Did you see the lighthouse?',
  attachments: [],
  metadata: null,
  replyTo: null,
  mentions: [],
  event: null,
  pinnedAt: null,
  reactions: [],
  status: 'sent',
  undelivered: false,
  createdAt: '2026-11-24T09:30:00.000Z',
  editedAt: null,
  deletedAt: null,
}

export const read: Message = { ...question, status: 'read' }

export const attachment = {
  fileId: picture.id,
  name: picture.name,
  contentType: picture.contentType,
  size: picture.size,
  width: picture.width,
  height: picture.height,
  durationMs: picture.durationMs,
  blurHash: picture.blurHash,
  url: picture.url,
}

export const answer: Message = {
  ...question,
  id: answerId,
  senderId: benId,
  clientMessageId: null,
  text: 'From far away.',
  replyTo: { id: questionId, senderId: anaId, text: question.text },
  status: null,
  createdAt: '2026-11-24T09:30:08.000Z',
}

/** Ana's chat with Ben, with his reply unread. */
export const chat: Chat = {
  id: benId,
  kind: 'direct',
  peer: ben,
  group: null,
  version: null,
  lastMessage: answer,
  unreadCount: 1,
  mentionCount: 0,
  markedUnread: false,
  pinned: false,
  mutedUntil: null,
  notifyMentions: false,
  archived: false,
  request: false,
  lastReadMessageId: null,
  deliveredUpToMessageId: questionId,
  readUpToMessageId: questionId,
  clearedUpTo: null,
  updatedAt: answer.createdAt,
}

export const chatRead: Chat = {
  ...chat,
  unreadCount: 0,
  lastReadMessageId: answerId,
  updatedAt: '2026-11-24T09:30:15.000Z',
}

export const changes: Changes = {
  reset: false,
  messages: [answer],
  chats: [chat],
  left: [],
  removed: [],
  contacts: [],
  blocks: [],
  sessions: [],
  me: null,
  complete: true,
  cursor,
  hasMore: false,
}

export const report: Report = {
  id: 'rep_01KAT5SG2D8N4B7V1C6X9Z3M5K',
  userId: benId,
  reason: 'spam',
  comment: 'Nothing but lighthouses.',
  messageIds: [answerId],
  createdAt: '2026-11-24T09:45:00.000Z',
}
