import { Contacts } from '../../schemas/contact'
import { UserId } from '../../schemas/ids'
import { PageQuery } from '../../schemas/page'
import { asCaller } from '../../src/http/caller'
import { define, json } from '../../src/http/define-route'
import { startOfPage, toPage } from '../../src/http/paging'

export const listContacts = define(
  {
    access: 'session',
    counts: 'read',
    operationId: 'listContacts',
    method: 'get',
    path: '/v1/contacts',
    tags: ['Contacts'],
    summary: 'List your contacts',
    description: 'Returns the users you have saved, ordered by ID.',
    request: { query: PageQuery },
    responses: { 200: json(Contacts, 'A page of contacts.') },
  },
  async (c) => {
    const { limit, cursor } = c.req.valid('query')
    const after = startOfPage(cursor, UserId)
    const page = await asCaller(c, (mailbox, caller) => mailbox.listContacts(caller, after, limit))
    return c.json(toPage(page), 200)
  },
)
