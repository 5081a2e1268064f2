import * as files from '../../repositories/files'
import { File, FileParams, toFile } from '../../schemas/file'
import { problem } from '../../src/core/errors'
import { callerOf, fileLinksFor } from '../../src/http/caller'
import { define, json } from '../../src/http/define-route'
import { readableFile } from '../../src/services/files/readable-file'

export const getFileInfo = define(
  {
    access: 'session',
    counts: 'read',
    operationId: 'getFileInfo',
    method: 'get',
    path: '/v1/files/{fileId}/info',
    tags: ['Files'],
    summary: 'Get file metadata',
    description:
      'Returns the name, type, size, and hash of a file you are allowed to read, with a fresh signed link to its bytes. After its owner deletes the file, it does not exist.',
    request: { params: FileParams },
    responses: { 200: json(File, 'The file.') },
    problems: ['file_not_found'],
  },
  async (c) => {
    const { fileId } = c.req.valid('param')
    const facts = await readableFile(c.env, callerOf(c), fileId)
    if (!(await files.find(c.env.FILES, fileId))) throw problem('file_not_found')
    return c.json(toFile(facts, fileLinksFor(c, c.get('session').userId)), 200)
  },
)
