import { MessageId } from '../../schemas/ids'
import { MessageHits, MessageSearch } from '../../schemas/search'
import { asCaller } from '../../src/http/caller'
import { define, json } from '../../src/http/define-route'
import { startOfPage, toPage } from '../../src/http/paging'

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
      'Finds your messages, in all chats or in one, whose text contains, for each word of `q`, a word that starts with it; newest first. Case, accents, and vowel points do not matter. Text in scripts without spaces is split into words, and a word in Chinese characters is also found by its later characters. Of a very long message, only the first 5,000 different words can be found, as far as they fit into 60,000 bytes of UTF-8. Edits, deletions, and clearing a chat take effect immediately. The messages of a message request can be found once you accept it.',
    request: { query: MessageSearch },
    responses: { 200: json(MessageHits, 'A page of messages.') },
    problems: ['chat_not_found'],
  },
  async (c) => {
    const { q, chatId = null, limit, cursor } = c.req.valid('query')
    const before = startOfPage(cursor, MessageId)
    const query = { q, chatId, before, limit }
    const page = await asCaller(c, (mailbox, caller) => mailbox.searchMessages(caller, query))
    return c.json(toPage(page), 200)
  },
)
