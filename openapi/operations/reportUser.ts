import { report } from '../examples/conversation'
import { type OperationExamples, single } from '../examples/operation-examples'
import { benId } from '../examples/people'

export const reportUser: OperationExamples = {
  parameters: { userId: benId },
  body: {
    message: {
      summary: 'A reason, a word about it, and the message that shows it',
      value: { reason: report.reason, comment: report.comment, messageIds: report.messageIds },
    },
    plain: { summary: 'The reason alone', value: { reason: 'spam' } },
  },
  responses: { 201: single('The report is kept', report), 200: single('It was kept a moment ago', report) },
  problem: { code: 'user_not_found' },
  steps: [{ status: 201, params: { userId: '{{benId}}' }, body: { reason: 'other', comment: 'To try it out.' } }],
}
