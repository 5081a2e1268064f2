import { z } from '@hono/zod-openapi'
import { limits } from '../src/core/limits'
import { Changes, ChangesCursor } from './changes'
import { Chat } from './chat'
import { ChatId, MessageId, Timestamp, UserId } from './ids'
import { Message, NewMessage } from './message'
import { orNull } from './or-null'
import { Problem } from './problem'
import { text } from './text'

export const Ticket = z
  .object({
    ticket: z.string().openapi({
      description: 'For the query of `connectRealtime`. Opaque.',
      example: 'tk_usr_01KAT5K6ZQ8Q4V3N7B2YH1M0XC.q3Zk0cE2vY1sX8nB5mL7tR4wJ6hG9dF0aP2uI1oK3xE',
    }),
    expiresAt: Timestamp,
  })
  .openapi('Ticket', { description: 'Opens one WebSocket for the session that made it.' })
export type Ticket = z.infer<typeof Ticket>

/** In any case of letters (RFC 9110, section 7.8), so that the handler looks at it and not the schema. */
export const UpgradeProtocol = z.string().openapi('UpgradeProtocol', {
  description: 'Every WebSocket client sends it.',
  enum: ['websocket'],
  example: 'websocket',
})

export const FrameId = text(1, limits.frameIdCharactersMax).openapi({
  description: 'Chosen by the client; the `ack` or `error` that answers this frame carries it.',
  example: '7',
})

/** Tells the frames apart, as the document's discriminator. */
const frameType = <T extends string>(name: T) => z.literal(name).openapi({ description: 'Names the kind of frame.' })

const userId = 'usr_01KAT5M8E1T3P5Y7W9D2C4V6BN'
const cursor = 'WyIwMUtBVDVRIiw0Ml0'

export const SendMessageFrame = z
  .strictObject({ type: frameType('sendMessage'), id: FrameId, chatId: ChatId, ...NewMessage.shape })
  .superRefine(({ type: _type, id: _id, chatId: _chatId, ...message }, ctx) => {
    // What holds for a message as a whole is said there.
    for (const issue of NewMessage.safeParse(message).error?.issues ?? [])
      ctx.addIssue({ code: 'custom', message: issue.message, path: issue.path })
  })
  .openapi('SendMessageFrame', {
    description:
      'Like `sendMessage`, and one with it: the same `clientMessageId` makes one message over both. Answered by an `ack` with `message`. The first message to a user goes by `sendMessage`; here it is `chat_not_found`.',
    example: {
      type: 'sendMessage',
      id: '7',
      chatId: userId,
      clientMessageId: '5b1c6c0a-7c0e-4c6b-9a63-3f1f6c4d2e10',
      text: 'Did you see the lighthouse?',
    },
  })

export const MarkReadFrame = z
  .strictObject({ type: frameType('markRead'), id: FrameId, chatId: ChatId, upToMessageId: MessageId })
  .openapi('MarkReadFrame', { description: 'Like `markChatRead`. Answered by an `ack` with `chat`.' })

export const SendTypingFrame = z
  .strictObject({ type: frameType('typing'), id: FrameId, chatId: ChatId })
  .openapi('SendTypingFrame', {
    description:
      'The user is writing in this chat. Repeat it every 4 seconds or so while that lasts; it is never stored.',
  })

export const WatchPresenceFrame = z
  .strictObject({
    type: frameType('presence'),
    id: FrameId,
    userIds: z
      .array(UserId)
      .max(limits.presenceUsersMax)
      .openapi({ description: 'Whom to watch from now on; none ends it.', example: [userId] }),
  })
  .openapi('WatchPresenceFrame', {
    description:
      'Asks for the presence of users with whom there is a chat, in place of those asked for before on this connection. Answered by an `ack`, then a `presence` frame for each, and one whenever it changes. Repeat it at least every 45 minutes: interest ends after an hour.',
  })

export const ReceivedFrame = z
  .strictObject({ type: frameType('received'), cursor: ChangesCursor })
  .openapi('ReceivedFrame', {
    description:
      'The client has stored what came up to this cursor of a `changes` frame. It has no answer, and is needed: only two `changes` frames are sent ahead of it.',
    example: { type: 'received', cursor },
  })

export const ClientFrame = z
  .discriminatedUnion('type', [SendMessageFrame, MarkReadFrame, SendTypingFrame, WatchPresenceFrame, ReceivedFrame])
  .openapi('ClientFrame', { description: 'What a client sends, as text. The text `ping` is answered by `pong`.' })
export type ClientFrame = z.infer<typeof ClientFrame>

export const ChangesFrame = z.object({ type: frameType('changes'), changes: Changes }).openapi('ChangesFrame', {
  description:
    'What changed since the frame before, without a gap or a repeat; the shape of `listChanges`. Answer with `received` once it is stored.',
})

export const CaughtUpFrame = z.object({ type: frameType('caughtUp'), cursor: ChangesCursor }).openapi('CaughtUpFrame', {
  description: 'Comes once: all that was missed has been sent, and what follows is live.',
  example: { type: 'caughtUp', cursor },
})

export const TypingFrame = z
  .object({ type: frameType('typing'), chatId: ChatId, userId: UserId })
  .openapi('TypingFrame', { description: 'The peer is writing. Drop it 6 seconds after it came.' })

export const PresenceFrame = z
  .object({
    type: frameType('presence'),
    userId: UserId,
    online: z.boolean().openapi({ description: 'Whether a device is there now.', example: false }),
    lastSeenAt: orNull(Timestamp).openapi({
      description:
        'When a device of theirs was last heard of; null while online, and when it is not for the caller to know.',
    }),
  })
  .openapi('PresenceFrame', {
    description:
      'Whether a device of the user has been heard of in the last 90 seconds. Who hides it, blocks, is blocked or has no chat with the caller is never online.',
  })

export const AckFrame = z
  .object({
    type: frameType('ack'),
    id: FrameId,
    message: Message.optional().openapi({ description: 'After `sendMessage`: the message as it is now.' }),
    chat: Chat.optional().openapi({ description: 'After `markRead`: the chat as it is now.' }),
  })
  .openapi('AckFrame', {
    description: 'The frame with this id was carried out, for good.',
    example: { type: 'ack', id: '7' },
  })
export type AckFrame = z.infer<typeof AckFrame>

export const ErrorFrame = z
  .object({
    type: frameType('error'),
    id: FrameId.nullable().openapi({ description: 'Null when the frame had none that could be read.' }),
    problem: Problem,
    retryAfterSeconds: z.int().optional().openapi({
      description: 'Seconds to wait before sending it again, when that will do: with a status of 429 or 503.',
      example: 4,
    }),
  })
  .openapi('ErrorFrame', {
    description:
      'The frame was refused and changed nothing; the connection stays. `requestId` is that of the request which opened it.',
  })

export const ServerFrame = z
  .discriminatedUnion('type', [ChangesFrame, CaughtUpFrame, TypingFrame, PresenceFrame, AckFrame, ErrorFrame])
  .openapi('ServerFrame', { description: 'What the server sends, as text. Ignore types that you do not know.' })
export type ServerFrame = z.infer<typeof ServerFrame>
