import { z } from '@hono/zod-openapi'
import { isRecommendedEmoji, qualifiedEmoji } from '../src/core/emoji'
import { type FileLink, type FileMetadata, mediaFactsOf } from '../src/core/file-metadata'
import { limits } from '../src/core/limits'
import { metadataText } from '../src/core/metadata'
import { blankAsText } from '../src/core/shown-text'
import { FileUrl, mediaFacts } from './file'
import { GroupEvent } from './group'
import { ChatId, FileId, MessageId, Timestamp, UserId } from './ids'
import { bytes, count } from './integers'
import { Metadata, MetadataInput } from './metadata'
import { orNull } from './or-null'
import { pageOf } from './page'
import { text, unmisleading } from './text'

const NewText = unmisleading(text(0, limits.textCharactersMax), (value) =>
  value === '' ? null : blankAsText(value),
).openapi({
  description: 'The text of the message. It must show something, unless it is empty beside attachments or metadata.',
  example: 'Did you see the lighthouse?',
})

export const Attachment = z
  .object({
    fileId: FileId,
    name: z.string().openapi({ description: 'The sender’s name for the file.', example: 'lighthouse.jpg' }),
    contentType: z
      .string()
      .openapi({ description: 'The content type of the file, as `getFileInfo` returns it.', example: 'image/jpeg' }),
    size: bytes().openapi({ description: 'Size in bytes.', example: 48213 }),
    ...mediaFacts,
    url: FileUrl,
  })
  .openapi('Attachment', { description: 'A file attached to a message.' })
export type Attachment = z.infer<typeof Attachment>

export const toAttachment = (file: FileMetadata, link: FileLink): Attachment => ({
  fileId: file.fileId,
  name: file.name,
  contentType: file.contentType,
  size: file.size,
  ...mediaFactsOf(file),
  url: link(file.fileId),
})

export const Quote = z
  .object({
    id: MessageId,
    senderId: UserId,
    text: text(0, limits.quoteCharactersMax).openapi({
      description: `The beginning of the quoted text: at most ${limits.quoteCharactersMax} code points, never cut within a character as readers see it (a grapheme cluster) unless that one alone is longer. Empty once the quoted message has been deleted for everyone.`,
      example: 'Where?',
    }),
  })
  .openapi('Quote', {
    description:
      'The message that a reply refers to, as it was when the reply was sent: its text, without attachments and metadata.',
  })
export type Quote = z.infer<typeof Quote>

export const MessageStatus = z.enum(['sent', 'delivered', 'read']).openapi('MessageStatus', {
  description:
    'How far your message has gotten: `sent` is durably stored, `delivered` is in the peer’s mailbox, `read` is at or below the peer’s read mark. It follows from the chat’s `deliveredUpToMessageId` and `readUpToMessageId`. `delivered` shows within a few seconds of the delivery, which the WebSocket tells at once with a `delivered` frame.',
  example: 'delivered',
})
export type MessageStatus = z.infer<typeof MessageStatus>

// Not in the document's pattern: JSON Schema cannot name sequences of code points.
export const Emoji = z
  .string()
  .min(1)
  .max(64)
  .overwrite(qualifiedEmoji)
  .refine(isRecommendedEmoji, { message: 'Must be a single emoji.' })
  .openapi('Emoji', {
    description:
      'A single emoji recommended by Unicode for general interchange (RGI, UTS #51). With and without U+FE0F, it is the same emoji; responses have its fully qualified spelling.',
    example: '👍',
  })

export const Reaction = z
  .object({
    emoji: Emoji,
    count: count().openapi({ description: 'How many users reacted with it.', example: 1 }),
    own: z.boolean().openapi({ description: 'Whether you did.', example: false }),
    userIds: z.array(UserId).openapi({
      description: `The users who reacted with it, in that order; in a group, the first ${limits.groupReactionUsersShown}: \`listReactions\` has all.`,
    }),
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
      description: 'Empty if there are only attachments or metadata, or if the message was deleted.',
      example: 'Did you see the lighthouse?',
    }),
    attachments: z.array(Attachment).openapi({ description: 'Empty if the message was deleted.' }),
    metadata: orNull(Metadata).openapi({
      description:
        'Custom data that the author has given the message, for the members of the chat; null if there is none or the message was deleted.',
    }),
    replyTo: orNull(Quote).openapi({ description: 'The message that this one replies to; null if it is not a reply.' }),
    mentions: z.array(UserId).openapi({
      description: 'The members of the group that the author mentions; empty in other chats.',
      example: [],
    }),
    event: orNull(GroupEvent).openapi({
      description:
        'What happened to the group, done by the sender: then there is no text. Null for what somebody wrote.',
    }),
    pinnedAt: orNull(Timestamp).openapi({
      description: 'When the message was pinned in its group; null if it is not pinned, and in other chats.',
    }),
    reactions: z.array(Reaction).openapi({
      description:
        'Each emoji once, with every user who chose it: in the order in which the emoji came, and the users in that in which they chose it, the same for both sides.',
    }),
    status: orNull(MessageStatus).openapi({ description: 'Null on other users’ messages.' }),
    undelivered: z.boolean().openapi({
      description:
        'True for a message of yours that was skipped: later ones were delivered, but this one never will be. It stays `sent`; the watermarks do not apply to it.',
      example: false,
    }),
    createdAt: Timestamp.openapi({ description: 'When the message was stored. Sort by `id`, not by this.' }),
    editedAt: orNull(Timestamp).openapi({
      description: 'When the text or the metadata was last changed; null if never.',
    }),
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

export const PinnedMessages = pageOf(Message, { items: 'The messages on this page.' }).openapi('PinnedMessages', {
  description: 'A page of pinned messages, the one that was pinned last first.',
})

/** What is refused when a message would have nothing in it. */
export const needsContent = 'A message needs text, an attachment, or metadata.'

const ClientMessageId = text(1, limits.clientMessageIdCharactersMax).openapi({
  description:
    'Chosen by the client, unique among your own messages, in a group among those that you send there (use a UUID, for example). Sending again with the same ID returns the message it created, with no time limit.',
  example: '5b1c6c0a-7c0e-4c6b-9a63-3f1f6c4d2e10',
})

export const OutgoingMessage = z
  .strictObject({
    clientMessageId: ClientMessageId,
    text: NewText.optional(),
    attachmentFileIds: z
      .array(FileId)
      .max(limits.attachmentsMax)
      .refine((ids) => new Set(ids).size === ids.length, { message: 'Must not contain the same file twice.' })
      .optional()
      .openapi({
        description:
          'Files that you have uploaded, and files of others that you can read through a message, to forward them: without another upload, and without using your storage. Name, type, size, and dimensions are those of the file. The recipient can read a file as long as this message stands and its owner has not deleted it; a deletion of the message it came from does not matter. If a file does not exist or you can no longer read it: `attachment_unusable`.',
        uniqueItems: true,
        example: [],
      }),
    metadata: MetadataInput.optional(),
    mentions: z
      .array(UserId)
      .max(limits.mentionsMax)
      .refine((ids) => new Set(ids).size === ids.length, { message: 'Must not contain the same user twice.' })
      .optional()
      .openapi({
        description: `Members of the group that the message mentions, at most ${limits.mentionsMax}: it counts in their \`mentionCount\`. Anybody else, and any mention in another chat: \`mention_unusable\`.`,
        uniqueItems: true,
        example: [],
      }),
    replyToId: MessageId.optional().openapi({ description: 'A message in the same chat to quote.' }),
  })
  .refine(
    ({ text, attachmentFileIds = [], metadata }) =>
      Boolean(text) || attachmentFileIds.length > 0 || metadataText(metadata) !== null,
    { message: needsContent, path: ['text'] },
  )
  .openapi('OutgoingMessage', {
    description: 'A message to send: text, attachments, metadata, or several of them.',
    example: { clientMessageId: '5b1c6c0a-7c0e-4c6b-9a63-3f1f6c4d2e10', text: 'Did you see the lighthouse?' },
  })
export type OutgoingMessage = z.infer<typeof OutgoingMessage>

export const MessageEdit = z
  .strictObject({
    text: NewText.nullable().optional().openapi({
      description:
        'The new text. It must show something; null, or an empty one, removes it from a message with attachments or metadata.',
    }),
    metadata: orNull(MetadataInput).optional().openapi({
      description:
        'The new metadata, in place of all that was there; null, or an empty object, removes it from a message with text or attachments.',
    }),
  })
  .refine(({ text, metadata }) => text !== undefined || metadata !== undefined, {
    message: 'An edit needs a text or metadata.',
    path: ['text'],
  })
  .openapi('MessageEdit', {
    description: 'The new text, the new metadata, or both. What you do not send stays.',
    example: { text: 'Did you see the lighthouse at night?' },
  })
export type MessageEdit = z.infer<typeof MessageEdit>

export const DeletionScope = z.enum(['me', 'everyone']).openapi('DeletionScope', {
  description: '`me` hides the message from you only; `everyone` blanks it on both sides.',
  example: 'me',
})
