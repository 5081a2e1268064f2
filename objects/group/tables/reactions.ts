/** Who reacted to what: one row for each emoji that a member has chosen, numbered by the change that brought it. */

export const add = (sql: SqlStorage, messageId: string, emoji: string, userId: string, seq: number) => {
  sql.exec('INSERT INTO reactions (message_id, emoji, user_id, seq) VALUES (?, ?, ?, ?)', messageId, emoji, userId, seq)
}

export const remove = (sql: SqlStorage, messageId: string, emoji: string, userId: string) => {
  sql.exec('DELETE FROM reactions WHERE message_id = ? AND emoji = ? AND user_id = ?', messageId, emoji, userId)
}

export const has = (sql: SqlStorage, messageId: string, emoji: string, userId: string): boolean =>
  sql
    .exec('SELECT 1 FROM reactions WHERE message_id = ? AND emoji = ? AND user_id = ?', messageId, emoji, userId)
    .toArray().length > 0

/** The first who chose an emoji after a number, in that order. */
export const firstOf = (sql: SqlStorage, messageId: string, emoji: string, after: number, limit: number) =>
  sql
    .exec<{ user_id: string; seq: number }>(
      `SELECT user_id, seq FROM reactions INDEXED BY reactions_by_seq
         WHERE message_id = ? AND emoji = ? AND seq > ? ORDER BY seq LIMIT ? + 0`,
      messageId,
      emoji,
      after,
      limit,
    )
    .toArray()

/** Which of these emoji, each on a message, a member has chosen. */
export const ownOf = (sql: SqlStorage, userId: string, asked: readonly { messageId: string; emoji: string }[]) =>
  new Set(
    asked.length === 0
      ? []
      : sql
          .exec<{ key: string }>(
            `SELECT reactions.message_id || reactions.emoji AS key FROM json_each(?) AS asked
               CROSS JOIN reactions ON message_id = asked.value ->> 'messageId' AND emoji = asked.value ->> 'emoji'
                 AND user_id = ?`,
            JSON.stringify(asked),
            userId,
          )
          .toArray()
          .map(({ key }) => key),
  )

/** Forgets all that was chosen on a message. */
export const removeAll = (sql: SqlStorage, messageId: string) => {
  sql.exec('DELETE FROM reactions WHERE message_id = ?', messageId)
}
