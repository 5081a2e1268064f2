import * as users from '../../repositories/users'
import { Contact, ContactDetails } from '../../schemas/contact'
import { UserParams } from '../../schemas/params'
import { problem } from '../../src/core/errors'
import { asCaller, requireLiveSession } from '../../src/http/caller'
import { define, json, jsonBody } from '../../src/http/define-route'

export const saveContact = define(
  {
    access: 'session',
    counts: 'write',
    operationId: 'saveContact',
    method: 'put',
    path: '/v1/contacts/{userId}',
    tags: ['Contacts'],
    summary: 'Save a contact',
    description:
      'Saves a user under a name of your choice, or changes that name. Without `name`, the existing name stays; null or an empty string clears it. A name is one line of visible text. Only you see it. If the user has sent you a message request, saving them accepts it. You can save at most 10,000 contacts.',
    request: { params: UserParams, body: jsonBody(ContactDetails) },
    responses: { 200: json(Contact, 'The current state of the contact.') },
    problems: ['user_not_found', 'contacts_full'],
  },
  async (c) => {
    const { userId } = c.req.valid('param')
    const { name } = c.req.valid('json')
    const [user] = await Promise.all([users.find(c.env.DB, userId), requireLiveSession(c)])
    if (!user) throw problem('user_not_found')
    return c.json(await asCaller(c, (mailbox, caller) => mailbox.saveContact(caller, user.profile, name)), 200)
  },
)
