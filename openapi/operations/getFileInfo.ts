import { type OperationExamples, single } from '../examples/operation-examples'
import { picture } from '../examples/people'

export const getFileInfo: OperationExamples = {
  responses: { 200: single('A picture', picture) },
  problem: { code: 'file_not_found' },
  steps: [{ status: 200, params: { fileId: '{{fileId}}' } }],
}
