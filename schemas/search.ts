import { z } from '@hono/zod-openapi'
import { limits } from '../src/core/limits'
import { ChatId } from './ids'
import { Message } from './message'
import { Cursor, Limit, pageOf } from './page'
import { text } from './text'

const Words = text(1, limits.searchCharactersMax).openapi({
  description: `Words or their beginnings, at least one and at most ${limits.searchWordsMax}, in any order and any script. Emoji and punctuation are no words.`,
  example: 'lighth',
})

export const MessageSearch = z.strictObject({
  q: Words,
  chatId: ChatId.optional().openapi({ param: { description: 'Only in this chat.' } }),
  limit: Limit,
  cursor: Cursor,
})

export const MessageHits = pageOf(Message, { items: 'The messages of this page.' }).openapi('MessageHits', {
  description: 'A page of messages that were found, newest first.',
})
export type MessageHits = z.infer<typeof MessageHits>
