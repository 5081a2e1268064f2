import { report } from '../examples/conversation'
import { groupId, groupMessage } from '../examples/groups'
import { type OperationExamples, single } from '../examples/operation-examples'
import { benId } from '../examples/people'

export const reportUser: OperationExamples = {
  parameters: { userId: benId },
  body: {
    message: {
      summary: 'A reason, a comment, and the message as evidence',
      value: { reason: report.reason, comment: report.comment, messageIds: report.messageIds },
    },
    group: {
      summary: 'A message in a group',
      value: { reason: 'harassment', chatId: groupId, messageIds: [groupMessage.id] },
    },
    plain: { summary: 'Only a reason', value: { reason: 'spam' } },
  },
  responses: { 201: single('The report is stored', report), 200: single('The report was already stored', report) },
  problem: { code: 'user_not_found' },
  steps: [{ status: 201, params: { userId: '{{benId}}' }, body: { reason: 'other', comment: 'Just a test.' } }],
}
