import { Emoji } from '../../schemas/message'
import { PageQuery } from '../../schemas/page'
import { MessageParams } from '../../schemas/params'
import { ReactionPlace, UserReactions } from '../../schemas/user-reaction'
import { asCaller } from '../../src/http/caller'
import { define, json } from '../../src/http/define-route'
import { startOfPage, toPage } from '../../src/http/paging'

export const listReactions = define(
  {
    access: 'session',
    counts: 'read',
    operationId: 'listReactions',
    method: 'get',
    path: '/v1/chats/{chatId}/messages/{messageId}/reactions',
    tags: ['Messages'],
    summary: 'List reactions to a message',
    description:
      'Returns who has reacted to a message that you see, in the order in which they did: with one emoji, or with any. A user who has used several emoji comes once for each. Use it in groups, where a message names only the first users of each emoji. Reactions of former members stay.',
    request: {
      params: MessageParams,
      query: PageQuery.extend({
        emoji: Emoji.optional().openapi({ param: { description: 'Return only the reactions with this emoji.' } }),
      }),
    },
    responses: { 200: json(UserReactions, 'A page of reactions.') },
    problems: ['chat_not_found', 'message_not_found'],
  },
  async (c) => {
    const { chatId, messageId } = c.req.valid('param')
    const { limit, cursor, emoji = null } = c.req.valid('query')
    const query = { emoji, after: startOfPage(cursor, ReactionPlace), limit }
    const page = await asCaller(c, (mailbox, caller) => mailbox.listReactions(caller, chatId, messageId, query))
    return c.json(toPage(page), 200)
  },
)
