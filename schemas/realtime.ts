import { z } from '@hono/zod-openapi'
import { limits } from '../src/core/limits'
import { Changes, ChangesCursor } from './changes'
import { Chat } from './chat'
import { GroupChangesCursor } from './group'
import { GroupChangeSet, GroupChanges } from './group-changes'
import { ChatId, GroupId, MessageId, Timestamp, UserId } from './ids'
import { count } from './integers'
import { Message, OutgoingMessage } from './message'
import { orNull } from './or-null'
import { Problem } from './problem'
import { text } from './text'

export const Ticket = z
  .object({
    ticket: z.string().openapi({
      description: 'For the query string of `connectRealtime`. Opaque.',
      example: 'tk_usr_01KAT5K6ZQ8Q4V3N7B2YH1M0XC.q3Zk0cE2vY1sX8nB5mL7tR4wJ6hG9dF0aP2uI1oK3xE.Bv2Tn7Ys4Wq9Ex1C',
    }),
    expiresAt: Timestamp,
  })
  .openapi('Ticket', { description: 'Opens one WebSocket for the session that created the ticket.' })
export type Ticket = z.infer<typeof Ticket>

/** Case-insensitive (RFC 9110, section 7.8), so the handler checks it and not the schema. */
export const UpgradeProtocol = z.string().openapi('UpgradeProtocol', {
  description: 'Every WebSocket client sends this header.',
  enum: ['websocket'],
  example: 'websocket',
})

export const FrameId = text(1, limits.frameIdCharactersMax).openapi({
  description: 'Chosen by the client; the `ack` or `error` for this frame carries the same value.',
  example: '7',
})

/** The document's discriminator of frames. */
const frameType = <T extends string>(name: T) => z.literal(name).openapi({ description: 'The type of the frame.' })

const userId = 'usr_01KAT5M8E1T3P5Y7W9D2C4V6BN'
const cursor = 'WyIwMUtBVDVRIiw0Ml0'
const groupId = 'grp_01KAT5W3J9F2N6C8X1V4B7M0QD'
const groupCursor = 'WzEsNDJd'

export const SendMessageFrame = z
  .strictObject({ type: frameType('sendMessage'), id: FrameId, chatId: ChatId, ...OutgoingMessage.shape })
  .superRefine(({ type: _type, id: _id, chatId: _chatId, ...message }, ctx) => {
    // The rules for a message as a whole are defined there.
    for (const issue of OutgoingMessage.safeParse(message).error?.issues ?? [])
      ctx.addIssue({ code: 'custom', message: issue.message, path: issue.path })
  })
  .openapi('SendMessageFrame', {
    description:
      'Like the operation `sendMessage`, and idempotent together with it: the same `clientMessageId` creates one message across both. The server replies with an `ack` that has `message`. Send the first message to a user over HTTP with `sendMessage`; here it fails with `chat_not_found`.',
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
  .openapi('MarkReadFrame', { description: 'Like `markChatRead`. The server replies with an `ack` that has `chat`.' })

export const SendTypingFrame = z
  .strictObject({ type: frameType('typing'), id: FrameId, chatId: ChatId })
  .openapi('SendTypingFrame', {
    description: 'You are typing in this chat. Repeat it about every 4 seconds while you type; it is never stored.',
  })

export const WatchPresenceFrame = z
  .strictObject({
    type: frameType('presence'),
    id: FrameId,
    userIds: z
      .array(UserId)
      .max(limits.presenceUsersMax)
      .openapi({ description: 'The users to watch from now on; an empty list stops watching.', example: [userId] }),
  })
  .openapi('WatchPresenceFrame', {
    description:
      'Watches the presence of users you have a chat with, replacing those watched before on this connection. The server replies with an `ack`, then sends a `presence` frame for each user and another one whenever their presence changes. Repeat it at least every 45 minutes: watching ends after an hour.',
  })

export const GetGroupChangesFrame = z
  .strictObject({
    type: frameType('getGroupChanges'),
    id: FrameId,
    chatId: GroupId,
    cursor: GroupChangesCursor.optional(),
  })
  .openapi('GetGroupChangesFrame', {
    description:
      'Like `listGroupChanges`, for a client that is behind: the server replies with an `ack` that has `groupChanges`. Ask for one page after the other: while much of what was sent waits unconfirmed, the reply is `too_many_requests`.',
    example: { type: 'getGroupChanges', id: '8', chatId: groupId, cursor: groupCursor },
  })

export const ReceivedFrame = z
  .strictObject({ type: frameType('received'), cursor: ChangesCursor })
  .openapi('ReceivedFrame', {
    description:
      'Confirms that you have stored everything up to this cursor of a `changes` frame. It gets no reply, and it is required: only two `changes` frames are sent ahead of it.',
    example: { type: 'received', cursor },
  })

export const ClientFrame = z
  .discriminatedUnion('type', [
    SendMessageFrame,
    MarkReadFrame,
    SendTypingFrame,
    WatchPresenceFrame,
    GetGroupChangesFrame,
    ReceivedFrame,
  ])
  .openapi('ClientFrame', {
    description: 'What a client sends, as text. The server replies to the text `ping` with `pong`.',
  })
export type ClientFrame = z.infer<typeof ClientFrame>

export const ChangesFrame = z.object({ type: frameType('changes'), changes: Changes }).openapi('ChangesFrame', {
  description:
    'What changed since the previous frame, without gaps or repeats, in the shape of `listChanges`. Reply with `received` once you have stored it.',
})

export const CaughtUpFrame = z.object({ type: frameType('caughtUp'), cursor: ChangesCursor }).openapi('CaughtUpFrame', {
  description: 'Sent once: everything you missed has been sent, and what follows is live.',
  example: { type: 'caughtUp', cursor },
})

export const GroupChangesFrame = z
  .object({
    type: frameType('groupChanges'),
    chatId: GroupId,
    from: z.int().openapi({
      format: 'int64',
      description: 'The changes follow on this version of the group.',
      example: 41,
    }),
    version: z.int().openapi({ format: 'int64', description: 'The version with the changes.', example: 42 }),
    chat: Chat.openapi({ description: 'The chat as it is now.' }),
    changes: orNull(GroupChangeSet).openapi({
      description: 'What changed; null if it is too much for a frame: then send `getGroupChanges`.',
    }),
    cursor: GroupChangesCursor,
  })
  .openapi('GroupChangesFrame', {
    description:
      'Something changed in one of your groups. With `held` as the version of the group that you have: if `held` is at least `version`, ignore it; if it is at least `from`, apply the changes and keep `cursor`; otherwise send `getGroupChanges` with the cursor that you have. Frames can be left out or come twice.',
  })

export type GroupChangesFrame = z.infer<typeof GroupChangesFrame>

export const TypingFrame = z
  .object({ type: frameType('typing'), chatId: ChatId, userId: UserId })
  .openapi('TypingFrame', {
    description: 'The peer, or a member of a group, is typing. Stop showing it 6 seconds after it arrived.',
  })

export const DeliveredFrame = z
  .object({ type: frameType('delivered'), chatId: ChatId, messageId: MessageId })
  .openapi('DeliveredFrame', {
    description:
      'Your messages in this chat, up to this one, have reached the other user’s mailbox: show them as `delivered`. A passing signal without a cursor. The same news follows within a few seconds as `deliveredUpToMessageId` in a `changes` frame, also for clients that missed this one.',
    example: { type: 'delivered', chatId: userId, messageId: 'msg_01KAT5M8E1T3P5Y7W9D2C4V6BN' },
  })

export const PresenceFrame = z
  .object({
    type: frameType('presence'),
    userId: UserId,
    online: z.boolean().openapi({ description: 'Whether one of the user’s devices is online now.', example: false }),
    lastSeenAt: orNull(Timestamp).openapi({
      description:
        'When one of the user’s devices was last heard from; null while the user is online and if you are not allowed to know.',
    }),
  })
  .openapi('PresenceFrame', {
    description:
      'Whether one of the user’s devices has been heard from in the last 90 seconds. A user who hides their presence, has blocked you, is blocked by you, or has no chat with you is never shown as online.',
  })

export const AckFrame = z
  .object({
    type: frameType('ack'),
    id: FrameId,
    message: Message.optional().openapi({ description: 'After `sendMessage`: the current state of the message.' }),
    groupChanges: GroupChanges.optional().openapi({ description: 'After `getGroupChanges`: a page of changes.' }),
    chat: Chat.optional().openapi({ description: 'After `markRead`: the current state of the chat.' }),
  })
  .openapi('AckFrame', {
    description: 'The frame with this `id` was carried out, and its effect is durable.',
    example: { type: 'ack', id: '7' },
  })
export type AckFrame = z.infer<typeof AckFrame>

export const ErrorFrame = z
  .object({
    type: frameType('error'),
    id: FrameId.nullable().openapi({ description: 'Null if the frame had no readable `id`.' }),
    problem: Problem,
    retryAfterSeconds: count().optional().openapi({
      description:
        'Seconds to wait before you retry the frame. Present if a retry can succeed: with status 429 or 503.',
      example: 4,
    }),
  })
  .openapi('ErrorFrame', {
    description:
      'The frame was refused and changed nothing; the connection stays open. `requestId` is that of the request that opened the connection.',
  })

export const ServerFrame = z
  .discriminatedUnion('type', [
    ChangesFrame,
    CaughtUpFrame,
    GroupChangesFrame,
    TypingFrame,
    DeliveredFrame,
    PresenceFrame,
    AckFrame,
    ErrorFrame,
  ])
  .openapi('ServerFrame', { description: 'What the server sends, as text. Ignore types you do not know.' })
export type ServerFrame = z.infer<typeof ServerFrame>
