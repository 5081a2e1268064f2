import { place, question } from '../examples/conversation'
import { type OperationExamples, single } from '../examples/operation-examples'
import { invalidRequest, textTooLong } from '../examples/problems'
import { withBen } from '../postman/step'

const edited = { ...question, text: 'Did you see the lighthouse at night?', editedAt: '2026-11-24T09:32:00.000Z' }

export const editMessage: OperationExamples = {
  body: {
    text: { summary: 'New text', value: { text: edited.text } },
    metadata: { summary: 'New metadata', value: { metadata: place } },
  },
  responses: { 200: single('The question, edited', { ...edited, status: 'read' }) },
  problem: invalidRequest(textTooLong),
  steps: [
    {
      status: 200,
      params: { ...withBen, messageId: '{{messageId}}' },
      body: { text: 'Did you see the lighthouse at night?' },
    },
  ],
}
