import { type OperationExamples, single } from '../examples/operation-examples'
import { picture } from '../examples/people'

export const uploadFile: OperationExamples = {
  responses: { 201: single('A picture', picture) },
  problem: { code: 'payload_too_large', detail: 'A file can have at most 99614720 bytes.' },
  mistake: {
    pointer: '/query/name',
    code: 'too_big',
    detail: 'At most 255 characters.',
  },
  steps: [
    { note: 'multipart form', status: 201, form: 'docs/lighthouse.jpg', keep: { fileId: 'id' } },
    {
      note: 'raw bytes',
      status: 201,
      query: { name: 'lighthouse.jpg' },
      headers: { 'Content-Type': 'image/jpeg' },
      file: 'docs/lighthouse.jpg',
      keep: { otherFileId: 'id' },
    },
  ],
}
