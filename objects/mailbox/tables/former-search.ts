/**
 * The index of words that earlier versions kept. Its tables stay, so that such a version can be rolled back to: without
 * them it could not store a message. What it writes there until the next upgrade goes when the mailbox next wakes.
 */
export function emptyFormerSearch(sql: SqlStorage) {
  if (sql.exec('SELECT 1 FROM search LIMIT 1').toArray().length > 0)
    sql.exec(`INSERT INTO search (search) VALUES ('delete-all')`)
}
