import { chat } from '../examples/conversation'
import { type OperationExamples, single } from '../examples/operation-examples'
import { withBen } from '../postman/step'

export const updateChat: OperationExamples = {
  body: {
    pin: {
      summary: 'Pin, and mute until Christmas Eve',
      value: { pinned: true, mutedUntil: '2026-12-24T18:00:00.000Z' },
    },
    archive: { summary: 'Archive', value: { archived: true } },
    mentionsOnly: {
      summary: 'A group whose mentions are let through',
      value: { mutedUntil: '2999-12-31T00:00:00.000Z', notifyMentions: true },
    },
  },
  responses: {
    200: single('Pinned and muted', {
      ...chat,
      pinned: true,
      mutedUntil: '2026-12-24T18:00:00.000Z',
      updatedAt: '2026-11-24T09:31:00.000Z',
    }),
  },
  problem: { code: 'chat_not_found' },
  steps: [{ status: 200, params: withBen, body: { pinned: true } }],
}
