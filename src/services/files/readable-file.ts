import * as users from '../../../repositories/users'
import { problem } from '../../core/errors'
import type { FileFacts } from '../../core/file-metadata'
import type { Session } from '../../http/app-env'
import { callMailbox, unwrap } from '../../http/mailbox-client'

/**
 * The facts of a file that the user may read: their own, one that a message brought them, or anybody's present profile
 * picture. One call to their own mailbox answers the first two, and whether the session lives.
 */
export async function readableFile(
  c: { env: Env; req: { url: string } },
  { userId, sessionId }: Session,
  fileId: string,
): Promise<FileFacts> {
  const caller = { sessionId, origin: new URL(c.req.url).origin }
  const held = await callMailbox(c.env, userId, (mailbox) => mailbox.readFile(caller, fileId))
  if (held.ok || held.code !== 'file_not_found') return unwrap(held)
  const shownBy = await users.findByAvatar(c.env.DB, fileId)
  if (!shownBy) throw problem('file_not_found')
  return unwrap(await callMailbox(c.env, shownBy.id, (mailbox) => mailbox.describeFile(fileId)))
}
