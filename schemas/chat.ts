import { z } from '@hono/zod-openapi'
import { ChatId, MessageId, Timestamp } from './ids'
import { Message } from './message'
import { orNull } from './or-null'
import { pageOf } from './page'
import { User } from './user'

export const ChatKind = z.enum(['direct', 'self']).openapi('ChatKind', {
  description: '`direct` is with one other user; `self` holds notes to oneself.',
  example: 'direct',
})

export const ClearedUpTo = z
  .object({
    own: orNull(MessageId).openapi({ description: 'Own messages up to this one are gone.' }),
    peer: orNull(MessageId).openapi({ description: 'The peer’s messages up to this one are gone.' }),
  })
  .openapi('ClearedUpTo', {
    description: 'What `clearChat` took away: a mark for each author, as a late message may have an earlier id.',
  })

export const Chat = z
  .object({
    id: ChatId,
    kind: ChatKind,
    peer: orNull(User).openapi({
      description: 'The other user; null in notes to self, and once the other user has deleted their account.',
    }),
    lastMessage: orNull(Message).openapi({ description: 'The latest message that the caller can see.' }),
    unreadCount: z
      .int()
      .openapi({ description: 'Messages of the peer above the read mark that were not deleted.', example: 2 }),
    markedUnread: z.boolean().openapi({ description: 'Whether the caller marked it to come back to.', example: false }),
    pinned: z.boolean().openapi({ description: 'Whether it stays on top of the list.', example: false }),
    mutedUntil: orNull(Timestamp).openapi({ description: 'No notifications until then; null when not muted.' }),
    archived: z.boolean().openapi({
      description: 'Put away. A new message takes it out again, unless it is muted.',
      example: false,
    }),
    lastReadMessageId: orNull(MessageId).openapi({ description: 'The caller’s read mark: a message of the peer.' }),
    deliveredUpToMessageId: orNull(MessageId).openapi({
      description: 'Own messages up to this one are in the peer’s mailbox.',
    }),
    readUpToMessageId: orNull(MessageId).openapi({ description: 'Own messages up to this one were read by the peer.' }),
    clearedUpTo: orNull(ClearedUpTo).openapi({ description: 'Null when the chat was never cleared.' }),
    updatedAt: Timestamp.openapi({ description: 'When anything in this chat last changed for the caller.' }),
  })
  .openapi('Chat', { description: 'A chat as the caller sees it.' })
export type Chat = z.infer<typeof Chat>

export const Chats = pageOf(Chat, { items: 'The chats of this page.' }).openapi('Chats', {
  description: 'A page of chats, pinned first, then latest message first.',
})
export type Chats = z.infer<typeof Chats>

export const UnreadCount = z
  .object({
    messages: z.int().openapi({ description: 'Unread messages over all chats.', example: 5 }),
    chats: z.int().openapi({ description: 'Chats with an unread message.', example: 2 }),
  })
  .openapi('UnreadCount', { description: 'Figures for a badge.' })
export type UnreadCount = z.infer<typeof UnreadCount>

export const ReadMark = z
  .strictObject({ upToMessageId: MessageId })
  .openapi('ReadMark', { description: 'The latest message of the chat that the user has seen.' })

export const ChatSettings = z
  .strictObject({
    pinned: z.boolean().optional().openapi({ description: 'Keeps it on top of the list.', example: true }),
    mutedUntil: orNull(z.iso.datetime({ offset: true }))
      .optional()
      .openapi({ description: 'RFC 3339; null takes the mute off. A time far ahead mutes for good.' }),
    archived: z.boolean().optional().openapi({ description: 'Puts it away, or takes it out again.', example: false }),
    markedUnread: z.boolean().optional().openapi({ description: 'Marks it to come back to.', example: false }),
  })
  .openapi('ChatSettings', {
    description: 'Only the fields present change.',
    example: { pinned: true, mutedUntil: '2026-12-24T18:00:00.000Z' },
  })
export type ChatSettings = z.infer<typeof ChatSettings>
