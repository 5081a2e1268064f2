import { limits } from '../../../src/core/limits'
import { done, type Outcome } from '../../durable/outcome'
import { readByAll, toMessages, viewOf } from '../changes/to-member'
import type { MemberContext } from '../context'
import type { GroupMessagesFound } from '../shapes'
import { after, type GroupMessageRow, inChunks } from '../tables/messages'

/** Rows read together: each can have a text of 64 KB. */
const chunkRows = 100

const lengthOf = ({ text, attachments, metadata, reply_to }: GroupMessageRow) =>
  [text, attachments, metadata, reply_to].reduce((sum, part) => sum + (part?.length ?? 0), 0)

/** The messages that a member sees after an id, oldest first, as many as an export reads at once. */
export function exportMessages(context: MemberContext, afterId: string): Outcome<GroupMessagesFound> {
  const { sql, me } = context
  const rows: GroupMessageRow[] = []
  let characters = 0
  const read = { sql, view: viewOf(me), id: afterId, chunk: chunkRows, most: limits.exportRowsMax }
  for (const row of inChunks(after, read)) {
    rows.push(row)
    characters += lengthOf(row)
    if (characters > limits.exportCharactersMax) break
  }
  const isCut = characters > limits.exportCharactersMax || rows.length === limits.exportRowsMax
  return done({
    items: toMessages(context, me, rows),
    next: isCut ? (rows.at(-1)?.id ?? null) : null,
    readByAllId: readByAll(context, me),
  })
}
