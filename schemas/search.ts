import { z } from '@hono/zod-openapi'
import { limits } from '../src/core/limits'
import { searchPlacePattern } from '../src/core/search-place'
import { ChatId, UserId } from './ids'
import { Message } from './message'
import { Limit, pageOf } from './page'
import { flag } from './query'
import { sentTime } from './sent-time'
import { text } from './text'

const Words = text(1, limits.searchCharactersMax).openapi({
  description: `Words or beginnings of words, from one to ${limits.searchWordsMax}, in any order and any script. Emoji and punctuation do not count as words.`,
  example: 'lighth',
})

const time = (description: string) => sentTime().optional().openapi({ param: { description } })

export const MessageSearch = z.strictObject({
  q: Words,
  chatId: ChatId.optional().openapi({ param: { description: 'Search only this chat.' } }),
  senderId: UserId.optional().openapi({
    param: {
      description: 'Only messages that this user sent: you, the peer of one of your chats, or anyone in your groups.',
    },
  }),
  after: time(
    'Only messages sent at this time or later (RFC 3339). The time in the ID of a message counts, which is later than `createdAt` where clocks differed.',
  ),
  before: time('Only messages sent before this time, in the same sense.'),
  hasAttachments: flag('Whether to find only messages with attachments.'),
  limit: Limit,
  // It can name groups that did not answer.
  cursor: z.string().max(1_024).optional().openapi({ description: 'The `nextCursor` of the previous page. Opaque.' }),
})

/** Where a page begins, as `parseSearchPlace` reads it. */
export const SearchPlace = z.string().regex(new RegExp(searchPlacePattern))

const SnippetPart = z
  .object({
    text: z.string().openapi({ description: 'A piece of the text, never empty.', example: 'lighth' }),
    isMatch: z.boolean().openapi({ description: 'Whether the query matches this piece.', example: true }),
  })
  .openapi('SnippetPart', { description: 'A piece of the text of a message that was found.' })

export const MessageHit = z
  .object({
    ...Message.shape,
    snippet: z.array(SnippetPart).openapi({
      description: `The part of the text around the first match, in pieces: put together, at most ${limits.snippetCharactersMax} code points, cut only between characters as readers see them (grapheme clusters). A piece that matches ends with the last character that the query has part of.`,
    }),
  })
  .openapi('MessageHit', { description: 'A message that a search found, as you see it.' })
export type MessageHit = z.infer<typeof MessageHit>

export const MessageHits = pageOf(MessageHit, {
  items: 'The messages on this page. It can be empty even if more follow.',
  nextCursor: 'Continues the search with older messages; null once all were searched.',
})
  .extend({
    complete: z.boolean().openapi({
      description:
        'False if groups did not answer in time, so that their messages are missing here. The next page asks them again, and begins with what they have, newer messages included: wait a moment before you request it.',
      example: true,
    }),
  })
  .openapi('MessageHits', { description: 'A page of matching messages, newest first.' })
export type MessageHits = z.infer<typeof MessageHits>
