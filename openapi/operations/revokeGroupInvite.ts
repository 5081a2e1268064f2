import { groupId, invite } from '../examples/groups'
import type { OperationExamples } from '../examples/operation-examples'
import { inGroup } from '../postman/step'

export const revokeGroupInvite: OperationExamples = {
  parameters: { groupId, inviteId: invite.id },
  problem: { code: 'not_allowed_in_group' },
  steps: [{ status: 204, params: { ...inGroup, inviteId: '{{inviteId}}' } }],
}
