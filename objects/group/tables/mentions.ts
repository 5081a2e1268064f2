/** Whom messages mention: one row for each of them and their messages. */
export const add = (sql: SqlStorage, messageId: string, userIds: readonly string[]) => {
  sql.exec(
    'INSERT INTO mentions (user_id, message_id) SELECT value, ? FROM json_each(?) WHERE true ON CONFLICT DO NOTHING',
    messageId,
    JSON.stringify(userIds),
  )
}

export const remove = (sql: SqlStorage, messageId: string, userIds: readonly string[]) => {
  sql.exec(
    'DELETE FROM mentions WHERE message_id = ? AND user_id IN (SELECT value FROM json_each(?))',
    messageId,
    JSON.stringify(userIds),
  )
}

/** How many messages above an id mention a user, at most `limit`, and the latest of them. */
export function mentionsAbove(sql: SqlStorage, userId: string, aboveId: string, limit: number) {
  const { mentions, last } = sql
    .exec<{ mentions: number; last: string | null }>(
      `SELECT count(*) AS mentions, max(message_id) AS last FROM (
         SELECT message_id FROM mentions WHERE user_id = ? AND message_id > ? ORDER BY message_id DESC LIMIT ? + 0)`,
      userId,
      aboveId,
      limit,
    )
    .one()
  return { mentions, lastMentionId: last }
}
