import { z } from '@hono/zod-openapi'
import { lazy } from '../src/core/lazy'
import { limits } from '../src/core/limits'
import { FileUrl } from './file'
import { ChatId, FileId, MessageId, Timestamp, UserId } from './ids'
import { orNull } from './or-null'
import { pageOf } from './page'
import { text } from './text'

const Text = text(1, limits.textCharactersMax).openapi({
  description: 'The text of the message.',
  example: 'Did you see the lighthouse?',
})

export const Attachment = z
  .object({
    fileId: FileId,
    name: z.string().openapi({ description: 'The sender’s name for the file.', example: 'lighthouse.jpg' }),
    contentType: z
      .string()
      .openapi({ description: 'The content type of the file, as `getFileInfo` returns it.', example: 'image/jpeg' }),
    size: z.int().openapi({ description: 'Size in bytes.', example: 48213 }),
    url: FileUrl,
  })
  .openapi('Attachment', { description: 'A file attached to a message.' })
export type Attachment = z.infer<typeof Attachment>

export const Quote = z
  .object({
    id: MessageId,
    senderId: UserId,
    text: text(0, limits.quoteCharactersMax).openapi({
      description: `The beginning of the quoted text: at most ${limits.quoteCharactersMax} code points, never cut within a character as readers see it (a grapheme cluster) unless that one alone is longer. Empty once the quoted message has been deleted for everyone.`,
      example: 'Where?',
    }),
  })
  .openapi('Quote', { description: 'The message that a reply refers to, as it was when the reply was sent.' })
export type Quote = z.infer<typeof Quote>

export const MessageStatus = z.enum(['sent', 'delivered', 'read']).openapi('MessageStatus', {
  description:
    'How far your message has gotten: `sent` is durably stored, `delivered` is in the peer’s mailbox, `read` is at or below the peer’s read mark. It follows from the chat’s `deliveredUpToMessageId` and `readUpToMessageId`. `delivered` shows within a few seconds of the delivery, which the WebSocket tells at once with a `delivered` frame.',
  example: 'delivered',
})
export type MessageStatus = z.infer<typeof MessageStatus>

// Not in the document's pattern: JSON Schema cannot name sequences of code points.
const emoji = lazy(() => /^\p{RGI_Emoji}$/v)

export const Emoji = z
  .string()
  .min(1)
  .max(64)
  .refine((text) => emoji().test(text), { message: 'Must be a single emoji.' })
  .openapi('Emoji', {
    description: 'A single emoji recommended by Unicode for general interchange (RGI, UTS #51).',
    example: '👍',
  })

export const Reaction = z
  .object({
    emoji: Emoji,
    userIds: z.array(UserId).openapi({ description: 'The users who reacted with it.' }),
  })
  .openapi('Reaction', { description: 'An emoji on a message, and the users who reacted with it.' })
export type Reaction = z.infer<typeof Reaction>

export const Message = z
  .object({
    id: MessageId,
    chatId: ChatId,
    senderId: UserId,
    clientMessageId: z.string().nullable().openapi({
      description: 'The ID that you, as the sender, chose for the message; null on other users’ messages.',
      example: '5b1c6c0a-7c0e-4c6b-9a63-3f1f6c4d2e10',
    }),
    text: z.string().openapi({
      description: 'Empty if there are only attachments or if the message was deleted.',
      example: 'Did you see the lighthouse?',
    }),
    attachments: z.array(Attachment).openapi({ description: 'Empty if the message was deleted.' }),
    replyTo: orNull(Quote).openapi({ description: 'The message that this one replies to; null if it is not a reply.' }),
    reactions: z.array(Reaction).openapi({ description: 'Each emoji once, with every user who chose it.' }),
    status: orNull(MessageStatus).openapi({ description: 'Null on other users’ messages.' }),
    undelivered: z.boolean().openapi({
      description:
        'True for a message of yours that was skipped: later ones were delivered, but this one never will be. It stays `sent`; the watermarks do not apply to it.',
      example: false,
    }),
    createdAt: Timestamp.openapi({ description: 'When the message was stored. Sort by `id`, not by this.' }),
    editedAt: orNull(Timestamp).openapi({ description: 'When the text was last changed; null if never.' }),
    deletedAt: orNull(Timestamp).openapi({
      description:
        'When the author deleted the message for everyone; null if never. When a message arrives deleted, also blank the quotes of it that you hold: they follow as changes, but later if there are many.',
    }),
  })
  .openapi('Message', { description: 'A message as you see it.' })
export type Message = z.infer<typeof Message>

export const Messages = pageOf(Message, {
  items: 'The messages on this page.',
  nextCursor: 'Continues in the requested direction; null on the last page.',
}).openapi('Messages', { description: 'A page of a chat, newest first.' })
export type Messages = z.infer<typeof Messages>

const ClientMessageId = text(1, limits.clientMessageIdCharactersMax).openapi({
  description:
    'Chosen by the client, unique among your own messages (use a UUID, for example). Sending again with the same ID returns the message it created, with no time limit.',
  example: '5b1c6c0a-7c0e-4c6b-9a63-3f1f6c4d2e10',
})

export const NewMessage = z
  .strictObject({
    clientMessageId: ClientMessageId,
    text: Text.optional(),
    attachmentFileIds: z
      .array(FileId)
      .max(limits.attachmentsMax)
      .refine((ids) => new Set(ids).size === ids.length, { message: 'Must not contain the same file twice.' })
      .optional()
      .openapi({ description: 'Files that you have uploaded.', uniqueItems: true, example: [] }),
    replyToId: MessageId.optional().openapi({ description: 'A message in the same chat to quote.' }),
  })
  .refine((message) => message.text !== undefined || (message.attachmentFileIds ?? []).length > 0, {
    message: 'A message needs text or an attachment.',
    path: ['text'],
  })
  .openapi('NewMessage', {
    description: 'A message to send: text, attachments, or both.',
    example: { clientMessageId: '5b1c6c0a-7c0e-4c6b-9a63-3f1f6c4d2e10', text: 'Did you see the lighthouse?' },
  })
export type NewMessage = z.infer<typeof NewMessage>

export const MessageEdit = z
  .strictObject({ text: Text })
  .openapi('MessageEdit', { description: 'The new text.', example: { text: 'Did you see the lighthouse at night?' } })

export const DeletionScope = z.enum(['me', 'everyone']).openapi('DeletionScope', {
  description: '`me` hides the message from you only; `everyone` blanks it on both sides.',
  example: 'me',
})
