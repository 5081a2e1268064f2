import { UserParams } from '../../schemas/params'
import { asCaller } from '../../src/http/caller'
import { define, noContent } from '../../src/http/define-route'

export const removeContact = define(
  {
    access: 'session',
    counts: 'write',
    operationId: 'removeContact',
    method: 'delete',
    path: '/v1/contacts/{userId}',
    tags: ['Contacts'],
    summary: 'Remove a contact',
    description: 'Removes a contact and your name for it. Idempotent: succeeds if the user is not a contact.',
    request: { params: UserParams },
    responses: { 204: noContent('The contact was removed.') },
  },
  async (c) => {
    const { userId } = c.req.valid('param')
    await asCaller(c, (mailbox, caller) => mailbox.removeContact(caller, userId))
    return c.body(null, 204)
  },
)
