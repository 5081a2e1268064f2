/**
 * The tables of one group, as an append-only list: an entry that has been deployed is never edited. Billing counts rows
 * written: a plain message writes its row, two indexes, the row of the group twice, and the alarm.
 */
export const migrations: readonly string[] = [
  `
  CREATE TABLE facts (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    seq INTEGER NOT NULL,
    common_seq INTEGER NOT NULL,
    told INTEGER NOT NULL,
    told_common INTEGER NOT NULL,
    changed_at INTEGER NOT NULL,
    search TEXT,
    title TEXT NOT NULL,
    about TEXT,
    picture TEXT,
    settings TEXT NOT NULL,
    created_by TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    greatest_id TEXT NOT NULL,
    ban_count INTEGER NOT NULL,
    restored INTEGER NOT NULL,
    join_request_count INTEGER NOT NULL,
    ended_at INTEGER
  );

  CREATE TABLE members (
    user_id TEXT PRIMARY KEY,
    present INTEGER NOT NULL,
    since INTEGER NOT NULL,
    left_themselves INTEGER NOT NULL DEFAULT 0,
    role TEXT NOT NULL,
    joined_at INTEGER NOT NULL,
    profile TEXT NOT NULL,
    profile_revision INTEGER NOT NULL,
    seq INTEGER NOT NULL,
    mark_seq INTEGER NOT NULL,
    own_seq INTEGER NOT NULL,
    visible_after TEXT NOT NULL,
    cleared_id TEXT NOT NULL,
    joined_after TEXT NOT NULL,
    read_id TEXT NOT NULL,
    sent_at INTEGER NOT NULL,
    hushed_at INTEGER NOT NULL,
    owed INTEGER NOT NULL,
    attempts INTEGER NOT NULL,
    retry_at INTEGER NOT NULL
  ) WITHOUT ROWID;

  CREATE TABLE bans (user_id TEXT PRIMARY KEY, banned_by TEXT NOT NULL, banned_at INTEGER NOT NULL) WITHOUT ROWID;

  CREATE TABLE invites (
    id TEXT PRIMARY KEY,
    secret TEXT NOT NULL,
    created_by TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    expires_at INTEGER,
    max_uses INTEGER,
    uses INTEGER NOT NULL,
    needs_approval INTEGER NOT NULL
  ) WITHOUT ROWID;

  CREATE TABLE join_requests (
    user_id TEXT PRIMARY KEY, invite_id TEXT NOT NULL, profile TEXT NOT NULL, requested_at INTEGER NOT NULL
  ) WITHOUT ROWID;

  CREATE TABLE messages (
    id TEXT PRIMARY KEY,
    seq INTEGER NOT NULL,
    sender_id TEXT NOT NULL,
    client_message_id TEXT,
    request_hash TEXT,
    text TEXT NOT NULL,
    attachments TEXT,
    metadata TEXT,
    reply_to_id TEXT,
    reply_to TEXT,
    mentions TEXT,
    reactions TEXT,
    event TEXT,
    pinned_at INTEGER,
    created_at INTEGER NOT NULL,
    edited_at INTEGER,
    deleted_at INTEGER
  ) WITHOUT ROWID;
  CREATE INDEX messages_by_seq ON messages (seq);
  CREATE UNIQUE INDEX messages_by_client_id ON messages (sender_id, client_message_id)
    WHERE client_message_id IS NOT NULL;
  CREATE INDEX messages_by_quoted ON messages (reply_to_id) WHERE reply_to_id IS NOT NULL;
  CREATE INDEX messages_pinned ON messages (pinned_at) WHERE pinned_at IS NOT NULL;

  CREATE TABLE reactions (
    message_id TEXT NOT NULL, emoji TEXT NOT NULL, user_id TEXT NOT NULL, seq INTEGER NOT NULL,
    PRIMARY KEY (message_id, emoji, user_id)
  ) WITHOUT ROWID;
  CREATE INDEX reactions_by_seq ON reactions (message_id, emoji, seq);

  CREATE TABLE hidden (
    user_id TEXT NOT NULL, message_id TEXT NOT NULL, seq INTEGER NOT NULL, PRIMARY KEY (user_id, message_id)
  ) WITHOUT ROWID;
  CREATE INDEX hidden_by_seq ON hidden (user_id, seq);

  CREATE TABLE mentions (
    user_id TEXT NOT NULL, message_id TEXT NOT NULL, PRIMARY KEY (user_id, message_id)
  ) WITHOUT ROWID;

  CREATE TABLE search_blocks (
    start TEXT PRIMARY KEY, chats TEXT, signature BLOB, rebuild_at INTEGER
  ) WITHOUT ROWID;
  CREATE INDEX search_blocks_by_time ON search_blocks (rebuild_at) WHERE rebuild_at IS NOT NULL;
  INSERT INTO search_blocks (start, chats, signature, rebuild_at) VALUES ('', '[]', x'', NULL);

  CREATE TABLE files (
    file_id TEXT NOT NULL, message_id TEXT NOT NULL, PRIMARY KEY (file_id, message_id)
  ) WITHOUT ROWID;
  CREATE INDEX files_by_message ON files (message_id);

  CREATE TABLE pictures (file_id TEXT PRIMARY KEY, clean_at INTEGER NOT NULL) WITHOUT ROWID;
  CREATE INDEX pictures_by_time ON pictures (clean_at);

  CREATE TABLE blanked_quotes (message_id TEXT PRIMARY KEY, after_id TEXT NOT NULL) WITHOUT ROWID;
  `,
]
