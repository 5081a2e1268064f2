import { invite, invitePreview } from '../examples/groups'
import { type OperationExamples, single } from '../examples/operation-examples'

export const getGroupInvite: OperationExamples = {
  parameters: { code: invite.code },
  responses: { 200: single('Ben is not a member yet', invitePreview) },
  problem: { code: 'invite_not_found' },
  steps: [{ status: 200, as: 'ben', params: { code: '{{inviteCode}}' } }],
}
