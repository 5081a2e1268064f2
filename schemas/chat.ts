import { z } from '@hono/zod-openapi'
import { limits } from '../src/core/limits'
import { Group } from './group'
import { ChatId, MessageId, Timestamp } from './ids'
import { count } from './integers'
import { Message } from './message'
import { orNull } from './or-null'
import { pageOf } from './page'
import { filter } from './query'
import { sentTime } from './sent-time'
import { User } from './user'

export const ChatKind = z.enum(['direct', 'self', 'group']).openapi('ChatKind', {
  description: '`direct` is with one other user; `self` holds your notes to self; `group` has several members.',
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
      description:
        'The other user; null in notes to self, in groups, and after the other user has deleted their account.',
    }),
    group: orNull(Group).openapi({ description: 'The group; null in other chats.' }),
    version: orNull(z.int().openapi({ format: 'int64' })).openapi({
      description:
        'For a group, the number of the last change that this shows: show the one with the greatest, and get the group’s changes when it is above what you hold. Null in other chats.',
      example: null,
    }),
    lastMessage: orNull(Message).openapi({ description: 'The latest message you can see.' }),
    unreadCount: count().openapi({
      description: `Other users’ messages above your read mark, not counting deleted ones. In a group at most ${limits.groupUnreadMax}, which means that many or more.`,
      example: 2,
    }),
    mentionCount: count().openapi({
      description: 'How many unread messages of a group mention you; 0 in other chats.',
      example: 0,
    }),
    markedUnread: z
      .boolean()
      .openapi({ description: 'Whether you marked the chat to come back to it.', example: false }),
    pinned: z.boolean().openapi({ description: 'Whether the chat stays at the top of the list.', example: false }),
    mutedUntil: orNull(Timestamp).openapi({
      description:
        'No notifications until then; null if not muted, or if that time has passed. Passing is no change: a client that holds the time compares it with its clock.',
    }),
    notifyMentions: z.boolean().openapi({
      description:
        'Whether messages of a group that mention you count as not muted while it is muted; false in other chats.',
      example: false,
    }),
    archived: z.boolean().openapi({
      description:
        'Whether the chat is archived. A new message unarchives it unless it is muted; with `notifyMentions`, one that mentions you does so even then.',
      example: false,
    }),
    request: z.boolean().openapi({
      description:
        'Whether this is a message request: the peer began the chat, and you have not written, reacted, saved them as a contact, or accepted it. Until you do, they do not learn when you are online, type, or read.',
      example: false,
    }),
    lastReadMessageId: orNull(MessageId).openapi({ description: 'Your read mark: one of the peer’s messages.' }),
    deliveredUpToMessageId: orNull(MessageId).openapi({
      description: 'Your messages up to this one are in the peer’s mailbox; null in groups.',
    }),
    readUpToMessageId: orNull(MessageId).openapi({
      description: `Your messages up to this one have been read: by the peer, or by all other members of a group of up to ${limits.groupMarksShownMax}.`,
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

/** Which chats `listChats` returns. */
export const ChatFilters = z.object({
  archived: filter('`true`: only archived chats; `false`: only those that are not.'),
  unread: filter('`true`: only chats with unread messages or marked unread; `false`: only the others.'),
  request: filter('`true`: only message requests; `false`: only chats that are none.'),
})

const unreadFigures = {
  messages: count().openapi({ description: 'Unread messages.', example: 5 }),
  chats: count().openapi({ description: 'Chats with unread messages.', example: 2 }),
}

export const UnreadFigures = z
  .object(unreadFigures)
  .openapi('UnreadFigures', { description: 'Unread messages and chats.' })

export const UnreadCount = z
  .object({
    ...unreadFigures,
    withoutMuted: UnreadFigures.openapi({
      description:
        'The same without chats that are muted or archived: what the badge of an app usually shows. Of a muted group with `notifyMentions`, the messages that mention you count.',
      example: { messages: 3, chats: 1 },
    }),
    complete: z.boolean().openapi({
      description: 'False if a group could not be asked in time: it counts as it was known before.',
      example: true,
    }),
  })
  .openapi('UnreadCount', { description: 'Unread messages across all chats, and how many chats have any.' })
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
    mutedUntil: orNull(sentTime()).optional().openapi({
      description:
        'RFC 3339; null and a time that has passed unmute. A time in the distant future mutes permanently; the last one is the end of the year 9999 in UTC.',
    }),
    notifyMentions: z.boolean().optional().openapi({
      description:
        'Whether messages that mention you count as not muted while the chat is muted. Only groups have mentions: for other chats, true is refused.',
      example: true,
    }),
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
