// Statements that fill the tables of a mailbox with rows older than any that a test makes.

export const numbers = (count: number) =>
  `WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ${count})`

interface MessageRows {
  count: number
  /** Expressions of SQL, in which `i` is the number of the row. */
  seq?: string
  text?: string
}

/** Inserts messages by both authors. */
export const messageRows = (peerId: string, { count, seq = '0', text = `'old'` }: MessageRows) =>
  `${numbers(count)} INSERT INTO messages (chat_id, id, seq, mine, text, created_at, hidden, refused)
   SELECT '${peerId}', printf('msg_00%024d', i), ${seq}, i % 2, ${text}, 0, 0, 0 FROM n`

export const chatColumns = `SELECT name FROM pragma_table_info('chats')`

/** The columns in which a quiet chat, with nothing due, differs from the chat it is copied from. */
const quiet: Record<string, string> = {
  peer_id: `printf('usr_00%024d', i)`,
  seq: 'i',
  last_message_id: `printf('msg_00%024d', i)`,
  ...Object.fromEntries(
    ['own_id', 'pending_id', 'delivered_id', 'peer_own_id', 'peer_read_id'].map((id) => [id, `''`]),
  ),
  ...Object.fromEntries(
    ['unread_count', 'pending_count', 'revision', 'fed_revision', 'state_revision', 'fed_state_revision'].map((n) => [
      n,
      '0',
    ]),
  ),
  fed_profile_revision: '1',
  // Nobody is there to be told of a new profile.
  peer_gone: '1',
}

/** Inserts copies of a chat; `columns` has what `chatColumns` returns. */
export function chatRows(columns: readonly { name: string }[], count: number) {
  const names = columns.map(({ name }) => name)
  return `${numbers(count)} INSERT INTO chats (${names.join()}) SELECT ${names.map((name) => quiet[name] ?? name).join()}
   FROM n, (SELECT * FROM chats LIMIT 1)`
}
