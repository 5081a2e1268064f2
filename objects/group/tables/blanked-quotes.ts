/** Deleted messages of which quotes still have their text, each with the id up to which they were emptied. */

export const begin = (sql: SqlStorage, messageId: string) => {
  sql.exec('INSERT INTO blanked_quotes (message_id, after_id) VALUES (?, ?) ON CONFLICT DO NOTHING', messageId, '')
}

export const first = (sql: SqlStorage) =>
  sql
    .exec<{ message_id: string; after_id: string }>('SELECT message_id, after_id FROM blanked_quotes LIMIT 1')
    .toArray()[0]

export const moveOn = (sql: SqlStorage, messageId: string, afterId: string) => {
  sql.exec('UPDATE blanked_quotes SET after_id = ? WHERE message_id = ?', afterId, messageId)
}

export const end = (sql: SqlStorage, messageId: string) => {
  sql.exec('DELETE FROM blanked_quotes WHERE message_id = ?', messageId)
}
