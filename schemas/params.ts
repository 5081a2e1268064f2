import { z } from '@hono/zod-openapi'
import { ChatId, MessageId, UserId } from './ids'
import { Emoji } from './message'

export const ChatParams = z.object({ chatId: ChatId })
export const MessageParams = z.object({ chatId: ChatId, messageId: MessageId })
export const ReactionParams = z.object({ chatId: ChatId, messageId: MessageId, emoji: Emoji })
export const UserParams = z.object({ userId: UserId })
