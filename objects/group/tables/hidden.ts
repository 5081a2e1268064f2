/** Messages that members have deleted for themselves. */
export const hide = (sql: SqlStorage, userId: string, messageId: string, seq: number) => {
  sql.exec('INSERT INTO hidden (user_id, message_id, seq) VALUES (?, ?, ?)', userId, messageId, seq)
}

export const isHidden = (sql: SqlStorage, userId: string, messageId: string): boolean =>
  sql.exec('SELECT 1 FROM hidden WHERE user_id = ? AND message_id = ?', userId, messageId).toArray().length > 0

/** Which of these messages a member has hidden. */
export const hiddenOf = (sql: SqlStorage, userId: string, messageIds: readonly string[]): Set<string> =>
  new Set(
    messageIds.length === 0
      ? []
      : sql
          .exec<{ message_id: string }>(
            `SELECT hidden.message_id FROM json_each(?) AS asked
               CROSS JOIN hidden ON user_id = ? AND message_id = asked.value`,
            JSON.stringify(messageIds),
            userId,
          )
          .toArray()
          .map(({ message_id }) => message_id),
  )

/** What a member has hidden after a number, in that order. */
export const hiddenAfter = (sql: SqlStorage, userId: string, seq: number, limit: number) =>
  sql
    .exec<{ message_id: string; seq: number }>(
      'SELECT message_id, seq FROM hidden WHERE user_id = ? AND seq > ? ORDER BY seq LIMIT ? + 0',
      userId,
      seq,
      limit,
    )
    .toArray()

/** Forgets what a member has hidden up to an id: it is cleared, or the member has left. */
export const forgetHidden = (sql: SqlStorage, userId: string, upTo: string) => {
  sql.exec('DELETE FROM hidden WHERE user_id = ? AND message_id <= ?', userId, upTo)
}
