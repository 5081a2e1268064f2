import { z } from '@hono/zod-openapi'
import { limits } from '../src/core/limits'
import { FileUrl } from './file'
import { ChatId, FileId, MessageId, Timestamp, UserId } from './ids'
import { orNull } from './or-null'
import { pageOf } from './page'
import { text } from './text'

const Text = text(1, limits.textCharactersMax).openapi({
  description: 'What the message says.',
  example: 'Did you see the lighthouse?',
})

export const Attachment = z
  .object({
    fileId: FileId,
    name: z.string().openapi({ description: 'What the sender calls the file.', example: 'lighthouse.jpg' }),
    contentType: z
      .string()
      .openapi({ description: 'The type of the bytes, as `getFileInfo` tells it.', example: 'image/jpeg' }),
    size: z.int().openapi({ description: 'Bytes.', example: 48213 }),
    url: FileUrl,
  })
  .openapi('Attachment', { description: 'A file that travels with a message.' })
export type Attachment = z.infer<typeof Attachment>

export const Quote = z
  .object({
    id: MessageId,
    senderId: UserId,
    text: z
      .string()
      .openapi({ description: 'Empty once the quoted message was deleted for everyone.', example: 'Where?' }),
  })
  .openapi('Quote', { description: 'What a reply answers, as it stood when the reply was sent.' })
export type Quote = z.infer<typeof Quote>

export const MessageStatus = z.enum(['sent', 'delivered', 'read']).openapi('MessageStatus', {
  description:
    'How far an own message got: `sent` is stored for good, `delivered` is in the peer’s mailbox, `read` lies at or below the peer’s read mark. A function of the chat’s `deliveredUpToMessageId` and `readUpToMessageId`.',
  example: 'delivered',
})
export type MessageStatus = z.infer<typeof MessageStatus>

// Outside the pattern of the document: JSON Schema has no name for sequences of code points.
const emoji = /^\p{RGI_Emoji}$/v

export const Emoji = z
  .string()
  .min(1)
  .max(64)
  .refine((text) => emoji.test(text), { message: 'One emoji.' })
  .openapi('Emoji', {
    description: 'One emoji, as Unicode recommends it for interchange (RGI, UTS #51).',
    example: '👍',
  })

export const Reaction = z
  .object({
    emoji: Emoji,
    userIds: z.array(UserId).openapi({ description: 'Who reacted with it.' }),
  })
  .openapi('Reaction', { description: 'An emoji under a message.' })
export type Reaction = z.infer<typeof Reaction>

export const Message = z
  .object({
    id: MessageId,
    chatId: ChatId,
    senderId: UserId,
    clientMessageId: z.string().nullable().openapi({
      description: 'The sender’s own id for it; null on what others wrote.',
      example: '5b1c6c0a-7c0e-4c6b-9a63-3f1f6c4d2e10',
    }),
    text: z.string().openapi({
      description: 'Empty when there are only attachments, and when the message was deleted.',
      example: 'Did you see the lighthouse?',
    }),
    attachments: z.array(Attachment).openapi({ description: 'Empty when the message was deleted.' }),
    replyTo: orNull(Quote).openapi({ description: 'What it answers; null when it answers nothing.' }),
    reactions: z.array(Reaction).openapi({ description: 'Each emoji once, with all who chose it.' }),
    status: orNull(MessageStatus).openapi({ description: 'Null on what others wrote.' }),
    undelivered: z.boolean().openapi({
      description:
        'True for an own message that was passed over: later ones were delivered, this one never will be. It stays `sent`; the watermarks do not speak of it.',
      example: false,
    }),
    createdAt: Timestamp.openapi({ description: 'When it was stored. Sort by `id`, not by this.' }),
    editedAt: orNull(Timestamp).openapi({ description: 'When its text was last changed; null when never.' }),
    deletedAt: orNull(Timestamp).openapi({ description: 'When the author deleted it for everyone.' }),
  })
  .openapi('Message', { description: 'A message as the caller sees it.' })
export type Message = z.infer<typeof Message>

export const Messages = pageOf(Message, {
  items: 'The messages of this page.',
  nextCursor: 'Continues in the direction that was asked for; null at the end.',
}).openapi('Messages', { description: 'A page of a chat, newest first.' })
export type Messages = z.infer<typeof Messages>

const ClientMessageId = text(1, limits.clientMessageIdCharactersMax).openapi({
  description:
    'Made by the client, unique among the user’s own messages (a UUID will do). Sending again with the same id returns the message that it made, for ever.',
  example: '5b1c6c0a-7c0e-4c6b-9a63-3f1f6c4d2e10',
})

export const NewMessage = z
  .strictObject({
    clientMessageId: ClientMessageId,
    text: Text.optional(),
    attachmentFileIds: z
      .array(FileId)
      .max(limits.attachmentsMax)
      .refine((ids) => new Set(ids).size === ids.length, { message: 'Each file once.' })
      .optional()
      .openapi({ description: 'Files that the sender has uploaded.', uniqueItems: true, example: [] }),
    replyToId: MessageId.optional().openapi({ description: 'A message of the same chat to quote.' }),
  })
  .refine((message) => message.text !== undefined || (message.attachmentFileIds ?? []).length > 0, {
    message: 'A message needs a text or an attachment.',
    path: ['text'],
  })
  .openapi('NewMessage', {
    description: 'A message to send: a text, attachments, or both.',
    example: { clientMessageId: '5b1c6c0a-7c0e-4c6b-9a63-3f1f6c4d2e10', text: 'Did you see the lighthouse?' },
  })
export type NewMessage = z.infer<typeof NewMessage>

export const MessageEdit = z
  .strictObject({ text: Text })
  .openapi('MessageEdit', { description: 'The new text.', example: { text: 'Did you see the lighthouse at night?' } })

export const DeletionScope = z.enum(['me', 'everyone']).openapi('DeletionScope', {
  description: '`me` hides the message from its caller alone; `everyone` blanks it on both sides.',
  example: 'me',
})
