import type { OperationExamples } from '../examples/operation-examples'

export const connectRealtime: OperationExamples = {
  problem: { code: 'ticket_invalid' },
  mistake: { pointer: '/query/ticket', code: 'too_big', detail: 'Too big: expected string to have <=128 characters' },
  steps: [
    {
      note: 'over plain HTTP, so 426',
      as: 'nobody',
      status: 426,
      query: { ticket: '{{ticket}}' },
    },
  ],
}
