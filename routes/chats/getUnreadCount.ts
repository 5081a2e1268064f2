import { UnreadCount } from '../../schemas/chat'
import { asCaller } from '../../src/http/caller'
import { define, json } from '../../src/http/define-route'

export const getUnreadCount = define(
  {
    access: 'session',
    counts: 'read',
    operationId: 'getUnreadCount',
    method: 'get',
    path: '/v1/chats/unread-count',
    tags: ['Chats'],
    summary: 'Get the unread count',
    description: 'Returns how many messages are unread, and in how many chats. The counts always equal a recount.',
    responses: { 200: json(UnreadCount, 'The counts.') },
  },
  async (c) => c.json(await asCaller(c, (mailbox, caller) => mailbox.getUnreadCount(caller)), 200),
)
