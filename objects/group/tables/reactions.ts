/** Who reacted to what: one row for each emoji that a member has chosen. */

export const add = (sql: SqlStorage, messageId: string, emoji: string, userId: string, at: number) => {
  sql.exec('INSERT INTO reactions (message_id, emoji, user_id, at) VALUES (?, ?, ?, ?)', messageId, emoji, userId, at)
}

export const remove = (sql: SqlStorage, messageId: string, emoji: string, userId: string) => {
  sql.exec('DELETE FROM reactions WHERE message_id = ? AND emoji = ? AND user_id = ?', messageId, emoji, userId)
}

export const has = (sql: SqlStorage, messageId: string, emoji: string, userId: string): boolean =>
  sql
    .exec('SELECT 1 FROM reactions WHERE message_id = ? AND emoji = ? AND user_id = ?', messageId, emoji, userId)
    .toArray().length > 0

/** The first who chose an emoji, after a place in that order. */
export const firstOf = (
  sql: SqlStorage,
  messageId: string,
  emoji: string,
  place: { at: number; userId: string },
  limit: number,
) =>
  sql
    .exec<{ user_id: string; at: number }>(
      `SELECT user_id, at FROM reactions INDEXED BY reactions_by_time
         WHERE message_id = ? AND emoji = ? AND (at, user_id) > (?, ?) ORDER BY at, user_id LIMIT ? + 0`,
      messageId,
      emoji,
      place.at,
      place.userId,
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
