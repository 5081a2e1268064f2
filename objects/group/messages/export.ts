import { limits } from '../../../src/core/limits'
import { done, type Outcome } from '../../durable/outcome'
import { readByAll, toMessages, viewOf } from '../changes/to-member'
import type { MemberContext } from '../context'
import type { GroupMessagesFound } from '../shapes'
import { after, type GroupMessageRow } from '../tables/messages'

const lengthOf = ({ text, attachments, metadata, reply_to }: GroupMessageRow) =>
  [text, attachments, metadata, reply_to].reduce((sum, part) => sum + (part?.length ?? 0), 0)

/** The messages that a member sees after an id, oldest first, as many as an export reads at once. */
export function exportMessages(context: MemberContext, afterId: string): Outcome<GroupMessagesFound> {
  const { sql, me } = context
  const rows: GroupMessageRow[] = []
  let characters = 0
  for (const row of after(sql, viewOf(me), afterId, limits.exportRowsMax)) {
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
