import * as reports from '../../repositories/reports'
import * as users from '../../repositories/users'
import { UserParams } from '../../schemas/params'
import { Report, ReportDetails } from '../../schemas/report'
import { problem } from '../../src/core/errors'
import { limits } from '../../src/core/limits'
import { asCaller, requireLiveSession } from '../../src/http/caller'
import { define, json, jsonBody } from '../../src/http/define-route'
import { readConfig } from '../../src/settings/config'

export const reportUser = define(
  {
    access: 'session',
    counts: 'write',
    operationId: 'reportUser',
    method: 'post',
    path: '/v1/users/{userId}/reports',
    tags: ['Profile'],
    summary: 'Report a user to the app’s owner',
    description: `Stores the report for the app’s owner, with copies of the messages you name, in your chat with the user or by them in a group that you are in: of each, the first ${limits.reportTextCharactersMax} characters of its text, and its metadata, once, however often you report it. A report takes at most ${limits.reportBytesMax / 1024} KiB: if the texts are longer, those of later messages are cut shorter, to ${limits.reportTextBytesMin} bytes of UTF-8 at least, and metadata for which there is no room is left out. The user is never told, and nothing else happens automatically: to stop hearing from them, call \`blockUser\`. Sending the same report again within a day returns the existing one with 200, so you can retry if the response was lost. A different reason, comment, or selection of messages creates another report, up to 20 a day and ${limits.reportBytesPerDay / 1024} KiB in all. A report is deleted when the app’s owner deletes it, or after 180 days unless the owner chose otherwise. If the reported user deletes their account, the report keeps a keyed hash of their phone number in place of their ID. If you delete your account, it loses your ID, your comment, and your own messages.`,
    request: { params: UserParams, body: jsonBody(ReportDetails) },
    responses: {
      201: json(Report, 'The report was stored.'),
      200: json(Report, 'The same report already exists, made within the last day.'),
    },
    problems: ['user_not_found', 'own_user', 'chat_not_found', 'message_not_found', 'reports_exhausted'],
  },
  async (c) => {
    const { userId } = c.req.valid('param')
    const { reason, messageIds = [], chatId, ...given } = c.req.valid('json')
    const comment = given.comment || null
    const reporterId = c.get('session').userId
    const [user] = await Promise.all([users.find(c.env.DB, userId), requireLiveSession(c)])
    if (!user) throw problem('user_not_found')
    if (userId === reporterId) throw problem('own_user')
    const evidence = await asCaller(c, (mailbox, caller) => mailbox.collectEvidence(caller, userId, messageIds, chatId))
    const submission = { reporterId, reportedId: userId, reason, comment, evidence }
    const now = Date.now()
    const filed = await reports.file(c.env.DB, submission, readConfig(c.env).REPORTS_PER_DAY, now)
    if (!filed) throw problem('user_not_found')
    if ('freeAt' in filed)
      throw problem('reports_exhausted', { retryAfterSeconds: Math.ceil((filed.freeAt - now) / 1_000) })
    return c.json(filed.report, filed.created ? 201 : 200)
  },
)
