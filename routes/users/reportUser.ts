import * as reports from '../../repositories/reports'
import * as users from '../../repositories/users'
import { UserParams } from '../../schemas/params'
import { NewReport, Report } from '../../schemas/report'
import { problem } from '../../src/core/errors'
import { asCaller, requireLiveSession } from '../../src/http/caller'
import { define, json, jsonBody } from '../../src/http/define-route'
import { readConfig } from '../../src/settings/config'

export const reportUser = define(
  {
    access: 'session',
    operationId: 'reportUser',
    method: 'post',
    path: '/v1/users/{userId}/reports',
    tags: ['Profile'],
    summary: 'Report a user to the app’s owner',
    description:
      'Keeps the report for the owner of the app, with copies of the messages named. The user is never told, and nothing else happens by itself: to hear no more of them, call `blockUser`. The same report again within a day is answered with the one that is there and 200, so that it can be repeated when the answer was lost; another reason, comment or choice of messages makes another report, and 20 a day may be made. A report is kept until its owner deletes it or the reported user deletes their account; when the reporter leaves, it loses their name, their comment and their own messages.',
    request: { params: UserParams, body: jsonBody(NewReport) },
    responses: { 201: json(Report, 'Kept.'), 200: json(Report, 'It was made before, and within a day.') },
    problems: ['user_not_found', 'own_user', 'message_not_found', 'reports_exhausted'],
  },
  async (c) => {
    const { userId } = c.req.valid('param')
    const { reason, comment = null, messageIds = [] } = c.req.valid('json')
    const reporterId = c.get('session').userId
    const [user] = await Promise.all([users.find(c.env.DB, userId), requireLiveSession(c)])
    if (!user) throw problem('user_not_found')
    if (userId === reporterId) throw problem('own_user')
    const evidence = await asCaller(c, (mailbox, caller) => mailbox.collectEvidence(caller, userId, messageIds))
    const submission = { reporterId, reportedId: userId, reason, comment, evidence }
    const now = Date.now()
    const filed = await reports.file(c.env.DB, submission, readConfig(c.env).REPORTS_PER_DAY, now)
    if (!filed) throw problem('user_not_found')
    if ('freeAt' in filed)
      throw problem('reports_exhausted', { retryAfterSeconds: Math.ceil((filed.freeAt - now) / 1_000) })
    return c.json(filed.report, filed.created ? 201 : 200)
  },
)
