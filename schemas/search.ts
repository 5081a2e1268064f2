import { z } from '@hono/zod-openapi'
import { limits } from '../src/core/limits'
import { ChatId } from './ids'
import { Message } from './message'
import { Cursor, Limit, pageOf } from './page'
import { text } from './text'

const Words = text(1, limits.searchCharactersMax).openapi({
  description: `Words or beginnings of words, from one to ${limits.searchWordsMax}, in any order and any script. Emoji and punctuation do not count as words.`,
  example: 'lighth',
})

export const MessageSearch = z.strictObject({
  q: Words,
  chatId: ChatId.optional().openapi({ param: { description: 'Search only this chat.' } }),
  limit: Limit,
  cursor: Cursor,
})

export const MessageHits = pageOf(Message, { items: 'The messages on this page.' }).openapi('MessageHits', {
  description: 'A page of matching messages, newest first.',
})
export type MessageHits = z.infer<typeof MessageHits>
