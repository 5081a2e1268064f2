import { z } from '@hono/zod-openapi'
import { ChatId, MessageId, Timestamp } from './ids'
import { Message } from './message'
import { orNull } from './or-null'
import { pageOf } from './page'
import { User } from './user'

export const ChatKind = z.enum(['direct', 'self']).openapi('ChatKind', {
  description: '`direct` is with one other user; `self` holds your notes to self.',
  example: 'direct',
})

export const ClearedUpTo = z
  .object({
    own: orNull(MessageId).openapi({ description: 'Your messages up to this one are cleared.' }),
    peer: orNull(MessageId).openapi({ description: 'The peer’s messages up to this one are cleared.' }),
  })
  .openapi('ClearedUpTo', {
    description:
      'What `clearChat` removed: one watermark per author, because a message that arrives late can have an earlier ID.',
  })

export const Chat = z
  .object({
    id: ChatId,
    kind: ChatKind,
    peer: orNull(User).openapi({
      description: 'The other user; null in notes to self and after the other user has deleted their account.',
    }),
    lastMessage: orNull(Message).openapi({ description: 'The latest message you can see.' }),
    unreadCount: z
      .int()
      .openapi({ description: 'The peer’s messages above your read mark, not counting deleted ones.', example: 2 }),
    markedUnread: z
      .boolean()
      .openapi({ description: 'Whether you marked the chat to come back to it.', example: false }),
    pinned: z.boolean().openapi({ description: 'Whether the chat stays at the top of the list.', example: false }),
    mutedUntil: orNull(Timestamp).openapi({ description: 'No notifications until then; null if not muted.' }),
    archived: z.boolean().openapi({
      description: 'Whether the chat is archived. A new message unarchives it unless it is muted.',
      example: false,
    }),
    request: z.boolean().openapi({
      description:
        'Whether this is a message request: the peer began the chat, and you have not written, reacted, saved them as a contact, or accepted it. Until you do, they do not learn when you are online, type, or read.',
      example: false,
    }),
    lastReadMessageId: orNull(MessageId).openapi({ description: 'Your read mark: one of the peer’s messages.' }),
    deliveredUpToMessageId: orNull(MessageId).openapi({
      description: 'Your messages up to this one are in the peer’s mailbox.',
    }),
    readUpToMessageId: orNull(MessageId).openapi({
      description: 'Your messages up to this one have been read by the peer.',
    }),
    clearedUpTo: orNull(ClearedUpTo).openapi({ description: 'Null if the chat was never cleared.' }),
    updatedAt: Timestamp.openapi({ description: 'When anything in this chat last changed for you.' }),
  })
  .openapi('Chat', { description: 'A chat as you see it.' })
export type Chat = z.infer<typeof Chat>

export const Chats = pageOf(Chat, { items: 'The chats on this page.' }).openapi('Chats', {
  description: 'A page of chats: pinned chats first, then by latest message, newest first.',
})
export type Chats = z.infer<typeof Chats>

export const UnreadCount = z
  .object({
    messages: z.int().openapi({ description: 'Unread messages across all chats.', example: 5 }),
    chats: z.int().openapi({ description: 'Chats with unread messages.', example: 2 }),
  })
  .openapi('UnreadCount', { description: 'Counts for a badge.' })
export type UnreadCount = z.infer<typeof UnreadCount>

export const ReadMark = z
  .strictObject({ upToMessageId: MessageId })
  .openapi('ReadMark', { description: 'The latest message in the chat that you have seen.' })

export const ChatSettings = z
  .strictObject({
    pinned: z
      .boolean()
      .optional()
      .openapi({ description: 'Whether to keep the chat at the top of the list.', example: true }),
    mutedUntil: orNull(z.iso.datetime({ offset: true }))
      .optional()
      .openapi({ description: 'RFC 3339; null unmutes. A time in the distant future mutes permanently.' }),
    archived: z.boolean().optional().openapi({ description: 'Archives or unarchives the chat.', example: false }),
    markedUnread: z.boolean().optional().openapi({ description: 'Marks the chat to come back to it.', example: false }),
    accepted: z
      .boolean()
      .refine((accepted) => accepted, 'To decline a request, clear the chat or block the user.')
      .optional()
      .openapi({
        description:
          'Send true to accept a message request; false is refused. To decline one, use `clearChat` or `blockUser`.',
        example: true,
      }),
  })
  .openapi('ChatSettings', {
    description: 'Only the fields you send change.',
    example: { pinned: true, mutedUntil: '2026-12-24T18:00:00.000Z' },
  })
export type ChatSettings = z.infer<typeof ChatSettings>
