import { Files } from '../../schemas/file'
import { FileId } from '../../schemas/ids'
import { PageQuery } from '../../schemas/page'
import { asCaller } from '../../src/http/caller'
import { define, json } from '../../src/http/define-route'
import { startOfPage, toPage } from '../../src/http/paging'

export const listFiles = define(
  {
    access: 'session',
    operationId: 'listFiles',
    method: 'get',
    path: '/v1/files',
    tags: ['Files'],
    summary: 'List own files',
    description:
      'The files that the user has uploaded, newest first, and how full their storage is. Files that others sent are not among them.',
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
