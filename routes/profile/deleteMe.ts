import { asCaller } from '../../src/http/caller'
import { define, noContent } from '../../src/http/define-route'

export const deleteMe = define(
  {
    access: 'session',
    counts: 'account',
    operationId: 'deleteMe',
    method: 'delete',
    path: '/v1/me',
    tags: ['Profile'],
    summary: 'Delete your account',
    description:
      'Deletes your account permanently; this cannot be undone. Once you get the response, the deletion is certain: every session ends immediately, and its WebSockets close with 4401. The rest happens automatically, step by step, despite any failures along the way: your phone number and username become available, acknowledged messages are delivered, other users’ chats with you lose their `peer` and accept no more messages, you leave your groups, where what you wrote stays, under no name, your files are gone for everyone, and everything the account held is erased; reports by you keep nothing of yours, and reports about you are kept for their time (180 days unless the app’s owner chose otherwise) under a keyed hash of your phone number, with the messages that they copied. Messages that others have received stay with them. Signing in with the same number starts a new account. If the response is lost, call it again: it succeeds if the account was deleted, until the access token expires. While the account exists, a session that has ended cannot delete it: 401 `session_ended`.',
    responses: { 204: noContent('The account is deleted; its data is erased in the background.') },
  },
  async (c) => {
    await asCaller(c, (mailbox, caller) => mailbox.eraseAccount(caller))
    return c.body(null, 204)
  },
)
