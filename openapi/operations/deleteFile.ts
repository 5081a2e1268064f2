import type { OperationExamples } from '../examples/operation-examples'

export const deleteFile: OperationExamples = {
  problem: { code: 'file_in_use' },
  steps: [{ status: 204, params: { fileId: '{{otherFileId}}' } }],
}
