import { z } from '@hono/zod-openapi'
import { Chat } from './chat'
import { addedFields } from './group'

export const CreatedGroup = z
  .object({ chat: Chat.openapi({ description: 'The chat of the group.' }), ...addedFields })
  .openapi('CreatedGroup', { description: 'A group that was created, and what became of each user to add.' })
