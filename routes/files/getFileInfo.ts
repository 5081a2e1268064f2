import { z } from '@hono/zod-openapi'
import * as files from '../../repositories/files'
import { File, FileParams, inGroup, toFile } from '../../schemas/file'
import { problem } from '../../src/core/errors'
import { avatarLinksFor, callerOf, fileLinksFor } from '../../src/http/caller'
import { define, json } from '../../src/http/define-route'
import { findAvatar } from '../../src/services/files/avatar-copy'
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
      'Returns the name, type, size, and hash of a file you are allowed to read, with a fresh signed link to its bytes. Of another user’s profile picture, they are those of the copy without metadata. After its owner deletes the file, it does not exist.',
    request: { params: FileParams, query: z.strictObject({ chatId: inGroup }) },
    responses: { 200: json(File, 'The file.') },
    problems: ['file_not_found'],
  },
  async (c) => {
    const { fileId } = c.req.valid('param')
    const { chatId } = c.req.valid('query')
    const { metadata, isAvatar } = await readableFile(c.env, callerOf(c), { fileId, chatId })
    const stored = await (isAvatar ? findAvatar : files.find)(c.env.FILES, fileId)
    if (!stored) throw problem('file_not_found')
    if (!isAvatar) return c.json(toFile(metadata, fileLinksFor(c, c.get('session').userId, chatId)), 200)
    const { name, size, sha256 } = stored
    return c.json(toFile({ ...metadata, name, size, sha256: sha256 ?? '' }, avatarLinksFor(c)), 200)
  },
)
