import * as files from '../../repositories/files'
import { FileParams } from '../../schemas/file'
import { asCaller } from '../../src/http/caller'
import { define, noContent } from '../../src/http/define-route'

export const deleteFile = define(
  {
    access: 'session',
    counts: 'write',
    operationId: 'deleteFile',
    method: 'delete',
    path: '/v1/files/{fileId}',
    tags: ['Files'],
    summary: 'Delete a file',
    description:
      'Deletes one of your files. Its bytes are immediately gone for everyone, including those it was forwarded to, and its storage is freed. Idempotent: succeeds if you have no such file, and never touches another user’s. Messages that contain it still name it. If the file is your profile picture, change the picture first.',
    request: { params: FileParams },
    responses: { 204: noContent('The file was deleted.') },
    problems: ['file_in_use'],
  },
  async (c) => {
    const { fileId } = c.req.valid('param')
    const isOwn = await asCaller(c, (mailbox, caller) => mailbox.removeFile(caller, fileId))
    if (isOwn) await files.remove(c.env.FILES, [fileId])
    return c.body(null, 204)
  },
)
