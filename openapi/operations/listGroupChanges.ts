import { groupChanges, groupId } from '../examples/groups'
import { type OperationExamples, single } from '../examples/operation-examples'
import { inGroup } from '../postman/step'

export const listGroupChanges: OperationExamples = {
  parameters: { groupId },
  responses: { 200: single('Ben has written', groupChanges) },
  problem: { code: 'chat_not_found' },
  steps: [
    { note: 'a fresh start', status: 200, params: inGroup, keep: { groupCursor: 'cursor' } },
    { note: 'since the cursor', status: 200, params: inGroup, query: { cursor: '{{groupCursor}}' } },
  ],
}
