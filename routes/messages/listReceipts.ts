import { UserId } from '../../schemas/ids'
import { PageQuery } from '../../schemas/page'
import { MessageParams } from '../../schemas/params'
import { Receipts } from '../../schemas/receipt'
import { asCaller } from '../../src/http/caller'
import { define, json } from '../../src/http/define-route'
import { startOfPage, toPage } from '../../src/http/paging'

export const listReceipts = define(
  {
    access: 'session',
    counts: 'read',
    operationId: 'listReceipts',
    method: 'get',
    path: '/v1/chats/{chatId}/messages/{messageId}/receipts',
    tags: ['Messages'],
    summary: 'List receipts of a message',
    description:
      'Returns, by their user IDs, the users to whom a message of yours was sent, each with how far it has gotten. Only its author can ask. In a one-to-one chat, this is the other user, whose `readMarkAudience` decides whether you learn that they have read. In a group of any size, it is every other member who was one when you sent the message: whoever joined later, or again, is not listed, even if they can see it. `readMarkAudience` does not apply to groups.',
    request: { params: MessageParams, query: PageQuery },
    responses: { 200: json(Receipts, 'A page of receipts.') },
    problems: ['chat_not_found', 'message_not_found', 'not_the_author'],
  },
  async (c) => {
    const { chatId, messageId } = c.req.valid('param')
    const { limit, cursor } = c.req.valid('query')
    const after = startOfPage(cursor, UserId)
    const page = await asCaller(c, (mailbox, caller) => mailbox.listReceipts(caller, chatId, messageId, after, limit))
    return c.json(toPage(page), 200)
  },
)
