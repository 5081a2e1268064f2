import { answer, read } from '../examples/conversation'
import { type OperationExamples, page, single } from '../examples/operation-examples'
import { withAna, withBen } from '../postman/step'

export const listMessages: OperationExamples = {
  responses: { 200: single('The question and the reply', page(answer, read)) },
  problem: { code: 'chat_not_found' },
  steps: [
    {
      note: 'Ben',
      as: 'ben',
      status: 200,
      params: withAna,
      until: "body.items?.some(({ id }) => id === pm.environment.get('messageId'))",
    },
    {
      note: 'the reply has arrived',
      status: 200,
      params: withBen,
      until: "body.items?.some(({ id }) => id === pm.environment.get('replyId'))",
    },
    { note: 'those with attachments', status: 200, params: withBen, query: { hasAttachments: 'true' } },
  ],
}
