import type { Context } from 'hono'
import * as reports from '../../repositories/reports'
import * as users from '../../repositories/users'
import { AccountExport } from '../../schemas/account-export'
import { toMe } from '../../schemas/user'
import { problem } from '../../src/core/errors'
import { limits } from '../../src/core/limits'
import { toTimestamp } from '../../src/core/timestamp'
import type { SessionEnv } from '../../src/http/app-env'
import { asCaller, avatarLinksFor } from '../../src/http/caller'
import { define, json, type ResponseConfig } from '../../src/http/define-route'
import type { ExportSection } from '../../src/http/mailbox-client'
import { type ExportSections, exportStream, type ReadPage } from '../../src/services/accounts/export-stream'

const whole: ResponseConfig = {
  ...json(AccountExport, 'Your whole account, as one JSON document to save.'),
  headers: {
    'Content-Disposition': { schema: { type: 'string' }, description: '`attachment`, with a file name.' },
  },
}

function sectionsOf(c: Context<SessionEnv>): ExportSections {
  const inMailbox =
    (section: ExportSection): ReadPage =>
    (after) =>
      asCaller(c, (mailbox, caller) => mailbox.exportPage(caller, section, after))
  return {
    contacts: inMailbox('contacts'),
    blocks: inMailbox('blocks'),
    chats: inMailbox('chats'),
    messages: inMailbox('messages'),
    files: inMailbox('files'),
    reports: (after) => reports.listBy(c.env.DB, c.get('session').userId, after, limits.pageMax),
  }
}

export const exportMe = define(
  {
    access: 'session',
    counts: 'export',
    operationId: 'exportMe',
    method: 'get',
    path: '/v1/me/export',
    tags: ['Profile'],
    summary: 'Export your data',
    description:
      'Returns your profile, sessions, contacts, blocks, chats and groups, the messages that you can see there, files, and your reports of other users, as one JSON document, streamed while it is read, whatever its size. Anything that was deleted or cleared is not included. Anything that changes in the meantime appears in its old or new state. The document is complete if it parses: if it breaks off, which it also does if a group does not answer, request it again. To get the bytes of the files, follow their links.',
    responses: { 200: whole },
  },
  async (c) => {
    const [user, sessions] = await Promise.all([
      users.find(c.env.DB, c.get('session').userId),
      asCaller(c, (mailbox, caller) => mailbox.listSessions(caller)),
    ])
    if (!user) throw problem('session_ended')
    const head = { exportedAt: toTimestamp(Date.now()), profile: toMe(user, avatarLinksFor(c)), sessions }
    return c.body(exportStream(head, sectionsOf(c), c.get('requestId')), 200, {
      'Content-Type': 'application/json',
      'Content-Disposition': 'attachment; filename="account.json"',
    })
  },
)
