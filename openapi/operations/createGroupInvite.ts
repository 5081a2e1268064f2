import { groupId, invite } from '../examples/groups'
import { type OperationExamples, single } from '../examples/operation-examples'
import { inGroup } from '../postman/step'

export const createGroupInvite: OperationExamples = {
  parameters: { groupId },
  body: {
    week: { summary: 'For a week and 20 users', value: { expiresInSeconds: 604_800, maxUses: 20 } },
    approval: { summary: 'For whom an admin approves', value: { needsApproval: true } },
  },
  responses: { 201: single('For a week and 20 users', invite) },
  problem: { code: 'invites_full' },
  steps: [
    { status: 201, params: inGroup, body: { needsApproval: true }, keep: { inviteCode: 'code', inviteId: 'id' } },
  ],
}
