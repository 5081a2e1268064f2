import { UserParams } from '../../schemas/params'
import { asCaller } from '../../src/http/caller'
import { define, noContent } from '../../src/http/define-route'

export const removeContact = define(
  {
    access: 'session',
    operationId: 'removeContact',
    method: 'delete',
    path: '/v1/contacts/{userId}',
    tags: ['Contacts'],
    summary: 'Remove a contact',
    description: 'Forgets a contact and the name kept for it. One that is not there is no fault.',
    request: { params: UserParams },
    responses: { 204: noContent('Removed.') },
  },
  async (c) => {
    const { userId } = c.req.valid('param')
    await asCaller(c, (mailbox, caller) => mailbox.removeContact(caller, userId))
    return c.body(null, 204)
  },
)
