import { Blocks } from '../../schemas/block'
import { UserId } from '../../schemas/ids'
import { PageQuery } from '../../schemas/page'
import { asCaller } from '../../src/http/caller'
import { define, json } from '../../src/http/define-route'
import { startOfPage, toPage } from '../../src/http/paging'

export const listBlocks = define(
  {
    access: 'session',
    counts: 'read',
    operationId: 'listBlocks',
    method: 'get',
    path: '/v1/blocks',
    tags: ['Contacts'],
    summary: 'List blocked users',
    description: 'Returns the users you have blocked, ordered by ID.',
    request: { query: PageQuery },
    responses: { 200: json(Blocks, 'A page of blocked users.') },
  },
  async (c) => {
    const { limit, cursor } = c.req.valid('query')
    const after = startOfPage(cursor, UserId)
    const page = await asCaller(c, (mailbox, caller) => mailbox.listBlocks(caller, after, limit))
    return c.json(toPage(page), 200)
  },
)
