import * as files from '../../repositories/files'
import { FileParams } from '../../schemas/file'
import { asCaller } from '../../src/http/caller'
import { define, noContent } from '../../src/http/define-route'

export const deleteFile = define(
  {
    access: 'session',
    operationId: 'deleteFile',
    method: 'delete',
    path: '/v1/files/{fileId}',
    tags: ['Files'],
    summary: 'Delete an own file',
    description:
      'Its bytes are gone for everybody at once, and its space is free. Messages that carry it still name it. The profile picture has to be changed first.',
    request: { params: FileParams },
    responses: { 204: noContent('The file is gone.') },
    problems: ['file_not_found', 'file_in_use'],
  },
  async (c) => {
    const { fileId } = c.req.valid('param')
    await asCaller(c, (mailbox, caller) => mailbox.removeFile(caller, fileId))
    await files.remove(c.env.FILES, [fileId])
    return c.body(null, 204)
  },
)
