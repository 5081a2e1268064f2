import { MessageHits, MessageSearch, SearchPlace } from '../../schemas/search'
import { fromTimestamp } from '../../src/core/timestamp'
import { asCaller } from '../../src/http/caller'
import { define, json } from '../../src/http/define-route'
import { startOfPage, toPage } from '../../src/http/paging'

const timeOf = (timestamp: string | undefined) => (timestamp === undefined ? null : fromTimestamp(timestamp))

export const searchMessages = define(
  {
    access: 'session',
    counts: 'read',
    operationId: 'searchMessages',
    method: 'get',
    path: '/v1/messages/search',
    tags: ['Messages'],
    summary: 'Search messages',
    description:
      'Finds your messages, in all chats or in one, whose text contains, for each word of `q`, a word that starts with it; newest first. Case, accents, vowel points, apostrophes, and the script of digits do not matter. In scripts without spaces, such as Chinese, Japanese, or Thai, a word is found anywhere. One call reads a limited number of messages, so a page can have few items, or none, even if more follow: go on until `nextCursor` is null. Of a very long message, only the first 60,000 bytes of UTF-8 can be found. New messages, edits, deletions, and clearing a chat take effect immediately. The messages of a message request can be found once you accept it. In a group you find what you can see there. With many groups, those with the newest messages are searched first, so a page ends early here, too; `complete` says whether all that were asked have answered. Searching one group that does not answer is a 503.',
    request: { query: MessageSearch },
    responses: { 200: json(MessageHits, 'A page of messages.') },
    problems: ['chat_not_found'],
  },
  async (c) => {
    const { q, chatId = null, senderId = null, after, before, hasAttachments, limit, cursor } = c.req.valid('query')
    const filters = { chatId, senderId, after: timeOf(after), before: timeOf(before) }
    const query = {
      ...{ q, limit, ...filters, hasAttachments: hasAttachments === 'true' },
      cursor: startOfPage(cursor, SearchPlace),
    }
    const page = await asCaller(c, (mailbox, caller) => mailbox.searchMessages(caller, query))
    return c.json(toPage(page), 200)
  },
)
