import type { OperationExamples } from '../examples/operation-examples'

export const getFile: OperationExamples = {
  problem: { code: 'file_not_found' },
  steps: [
    { status: 200, params: { fileId: '{{fileId}}' } },
    {
      note: 'first kilobyte',
      status: 206,
      params: { fileId: '{{fileId}}' },
      headers: { Range: 'bytes=0-1023' },
    },
  ],
}
