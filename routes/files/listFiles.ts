import { Files } from '../../schemas/file'
import { FileId } from '../../schemas/ids'
import { PageQuery } from '../../schemas/page'
import { asCaller } from '../../src/http/caller'
import { define, json } from '../../src/http/define-route'
import { startOfPage, toPage } from '../../src/http/paging'

export const listFiles = define(
  {
    access: 'session',
    counts: 'read',
    operationId: 'listFiles',
    method: 'get',
    path: '/v1/files',
    tags: ['Files'],
    summary: 'List your files',
    description:
      'Returns the files you have uploaded, newest first, and your storage usage. Files that others sent you are not included.',
    request: { query: PageQuery },
    responses: { 200: json(Files, 'A page of files.') },
  },
  async (c) => {
    const { limit, cursor } = c.req.valid('query')
    const before = startOfPage(cursor, FileId)
    const page = await asCaller(c, (mailbox, caller) => mailbox.listFiles(caller, before, limit))
    return c.json(toPage(page), 200)
  },
)
