import { groupChat, invite } from '../examples/groups'
import type { OperationExamples } from '../examples/operation-examples'

export const joinGroup: OperationExamples = {
  parameters: { code: invite.code },
  responses: {
    200: {
      member: {
        summary: 'Ben is a member',
        value: {
          standing: 'member',
          chat: { ...groupChat, group: { ...groupChat.group, role: 'member', joinRequestCount: null } },
        },
      },
      requested: { summary: 'An admin has to approve', value: { standing: 'requested', chat: null } },
    },
  },
  problem: { code: 'invite_not_found' },
  steps: [{ status: 200, as: 'ben', params: { code: '{{inviteCode}}' } }],
}
