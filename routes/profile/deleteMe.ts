import { asCaller } from '../../src/http/caller'
import { define, noContent } from '../../src/http/define-route'

export const deleteMe = define(
  {
    access: 'session',
    operationId: 'deleteMe',
    method: 'delete',
    path: '/v1/me',
    tags: ['Profile'],
    summary: 'Delete one’s own account',
    description:
      'Ends the account for good, and cannot be taken back. The answer makes it certain: every session is over at once, and its WebSockets close with 4401. What follows happens by itself, step by step, whatever fails in between: the number and the username become free, messages that were acknowledged are delivered, chats of others lose their `peer` and take no more messages, files are gone for everybody, and all that the account held is erased, reports of the user included; in reports by the user nothing of them is left. Messages that others have received stay with them. A sign-in with the same number starts a new account. When the answer is lost, ask again: 401 `session_ended` says that it was done.',
    responses: { 204: noContent('The account is over; its erasure goes on by itself.') },
  },
  async (c) => {
    await asCaller(c, (mailbox, caller) => mailbox.eraseAccount(caller))
    return c.body(null, 204)
  },
)
