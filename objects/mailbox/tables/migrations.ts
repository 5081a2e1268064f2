/**
 * The tables of one mailbox, as an append-only list: an entry that has been deployed is never edited. Billing counts
 * rows written, so a plain message has two indexes (changes, and retries of own messages) and chat rows have none.
 */
export const migrations: readonly string[] = [
  `
  CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;

  CREATE TABLE sessions (
    id TEXT PRIMARY KEY,
    device_name TEXT,
    platform TEXT,
    created_at INTEGER NOT NULL,
    last_used_at INTEGER NOT NULL,
    step INTEGER NOT NULL,
    secret_hash TEXT NOT NULL,
    chain_key TEXT NOT NULL,
    recent_steps TEXT NOT NULL,
    ended_at INTEGER
  ) WITHOUT ROWID;

  CREATE TABLE chats (
    peer_id TEXT PRIMARY KEY,
    seq INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    peer TEXT,
    peer_profile_revision INTEGER NOT NULL,
    last_message_id TEXT NOT NULL,
    unread_count INTEGER NOT NULL,
    marked_unread INTEGER NOT NULL,
    pinned INTEGER NOT NULL,
    archived INTEGER NOT NULL,
    muted_until INTEGER NOT NULL,
    cleared_own_id TEXT NOT NULL,
    cleared_peer_id TEXT NOT NULL,
    read_id TEXT NOT NULL,
    greatest_id TEXT NOT NULL,
    own_id TEXT NOT NULL,
    pending_id TEXT NOT NULL,
    pending_count INTEGER NOT NULL,
    delivered_id TEXT NOT NULL,
    refused_id TEXT NOT NULL,
    revision INTEGER NOT NULL,
    fed_revision INTEGER NOT NULL,
    state_revision INTEGER NOT NULL,
    fed_state_revision INTEGER NOT NULL,
    fed_profile_revision INTEGER NOT NULL,
    attempts INTEGER NOT NULL,
    retry_at INTEGER NOT NULL,
    peer_own_id TEXT NOT NULL,
    peer_revision INTEGER NOT NULL,
    peer_state_revision INTEGER NOT NULL,
    peer_read_id TEXT NOT NULL
  ) WITHOUT ROWID;

  CREATE TABLE messages (
    chat_id TEXT NOT NULL,
    id TEXT NOT NULL,
    seq INTEGER NOT NULL,
    mine INTEGER NOT NULL,
    client_message_id TEXT,
    request_hash TEXT,
    text TEXT NOT NULL,
    attachments TEXT,
    reply_to_id TEXT,
    reply_to TEXT,
    own_reactions TEXT,
    peer_reactions TEXT,
    created_at INTEGER NOT NULL,
    edited_at INTEGER,
    deleted_at INTEGER,
    hidden INTEGER NOT NULL,
    refused INTEGER NOT NULL,
    revision INTEGER,
    content_revision INTEGER,
    PRIMARY KEY (chat_id, id)
  ) WITHOUT ROWID;
  CREATE INDEX messages_by_seq ON messages (seq);
  CREATE UNIQUE INDEX messages_by_client_id ON messages (client_message_id) WHERE client_message_id IS NOT NULL;
  CREATE INDEX messages_by_revision ON messages (chat_id, revision) WHERE revision IS NOT NULL;
  CREATE INDEX messages_by_quoted ON messages (chat_id, reply_to_id) WHERE reply_to_id IS NOT NULL;

  CREATE TABLE contacts (
    user_id TEXT PRIMARY KEY,
    seq INTEGER NOT NULL,
    name TEXT,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    removed INTEGER NOT NULL
  ) WITHOUT ROWID;
  CREATE INDEX contacts_by_seq ON contacts (seq);

  CREATE TABLE blocks (
    user_id TEXT PRIMARY KEY,
    seq INTEGER NOT NULL,
    blocked INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    refused_id TEXT NOT NULL,
    refused_revision INTEGER NOT NULL,
    refused_state_revision INTEGER NOT NULL,
    refused_profile_revision INTEGER NOT NULL,
    peer TEXT
  ) WITHOUT ROWID;

  CREATE TABLE files (
    id TEXT PRIMARY KEY,
    state TEXT NOT NULL CHECK (state IN ('reserved', 'stored', 'removing')),
    name TEXT NOT NULL,
    content_type TEXT NOT NULL,
    size INTEGER NOT NULL,
    sha256 TEXT,
    created_at INTEGER NOT NULL,
    avatar INTEGER NOT NULL DEFAULT 0,
    clean_at INTEGER
  ) WITHOUT ROWID;
  CREATE INDEX files_by_clean_at ON files (clean_at) WHERE clean_at IS NOT NULL;

  CREATE TABLE grants (
    file_id TEXT NOT NULL,
    chat_id TEXT NOT NULL,
    message_id TEXT NOT NULL,
    file TEXT NOT NULL,
    PRIMARY KEY (file_id, chat_id, message_id)
  ) WITHOUT ROWID;
  CREATE INDEX grants_by_message ON grants (chat_id, message_id);

  CREATE TABLE tickets (
    hash TEXT PRIMARY KEY,
    session_id TEXT NOT NULL,
    expires_at INTEGER NOT NULL
  ) WITHOUT ROWID;

  CREATE TABLE watchers (user_id TEXT PRIMARY KEY, until INTEGER NOT NULL) WITHOUT ROWID;

  CREATE VIRTUAL TABLE search USING fts5(
    words, chat, chat_id UNINDEXED, message_id UNINDEXED,
    tokenize = 'ascii', content = '', contentless_delete = 1, contentless_unindexed = 1
  );
  CREATE TABLE search_clearings (chat_id TEXT PRIMARY KEY) WITHOUT ROWID;
  `,
  'ALTER TABLE chats ADD COLUMN peer_gone INTEGER NOT NULL DEFAULT 0',
  `
  CREATE TABLE budgets (name TEXT PRIMARY KEY, amount REAL NOT NULL, at INTEGER NOT NULL) WITHOUT ROWID;
  CREATE TABLE lookups (hash TEXT PRIMARY KEY) WITHOUT ROWID;
  `,
  // Sessions that started before changes covered sessions appear as one change, the next one.
  `
  ALTER TABLE sessions ADD COLUMN seq INTEGER NOT NULL DEFAULT 0;
  ALTER TABLE sessions ADD COLUMN first_seq INTEGER NOT NULL DEFAULT 0;
  ALTER TABLE sessions ADD COLUMN shown_used_at INTEGER NOT NULL DEFAULT 0;
  ALTER TABLE sessions ADD COLUMN country TEXT;
  ALTER TABLE sessions ADD COLUMN city TEXT;
  ALTER TABLE sessions ADD COLUMN network TEXT;
  UPDATE sessions SET shown_used_at = last_used_at, seq = 1 + max(
    (SELECT coalesce(max(seq), 0) FROM chats),
    (SELECT coalesce(max(seq), 0) FROM contacts),
    (SELECT coalesce(max(seq), 0) FROM blocks),
    (SELECT coalesce(max(json_extract(value, '$.seq')), 0) FROM meta WHERE key = 'profile'));
  UPDATE sessions SET first_seq = seq;
  UPDATE sessions SET device_name = NULL, platform = NULL, secret_hash = '', chain_key = '', recent_steps = '[]'
    WHERE ended_at IS NOT NULL;
  CREATE INDEX sessions_by_seq ON sessions (seq);
  `,
  'ALTER TABLE messages ADD COLUMN removed_reactions TEXT',
  // How full the storage is, kept by triggers: a sum over the files would grow with them.
  `
  CREATE TABLE file_totals (id INTEGER PRIMARY KEY CHECK (id = 1), bytes INTEGER NOT NULL, files INTEGER NOT NULL);
  INSERT INTO file_totals (id, bytes, files)
    SELECT 1, coalesce(sum(iif(state = 'removing', 0, size)), 0), coalesce(sum(state = 'stored'), 0) FROM files;
  CREATE TRIGGER files_inserted AFTER INSERT ON files BEGIN
    UPDATE file_totals SET bytes = bytes + iif(new.state = 'removing', 0, new.size), files = files + (new.state = 'stored');
  END;
  CREATE TRIGGER files_updated AFTER UPDATE OF state, size ON files BEGIN
    UPDATE file_totals SET
      bytes = bytes + iif(new.state = 'removing', 0, new.size) - iif(old.state = 'removing', 0, old.size),
      files = files + (new.state = 'stored') - (old.state = 'stored');
  END;
  CREATE TRIGGER files_deleted AFTER DELETE ON files BEGIN
    UPDATE file_totals SET bytes = bytes - iif(old.state = 'removing', 0, old.size), files = files - (old.state = 'stored');
  END;
  `,
  `ALTER TABLE chats ADD COLUMN visible_from TEXT NOT NULL DEFAULT ''`,
  // Quotes of deleted messages that still have their text, each with the id up to which they were blanked.
  `
  CREATE TABLE quote_blankings (
    chat_id TEXT NOT NULL, message_id TEXT NOT NULL, after_id TEXT NOT NULL, PRIMARY KEY (chat_id, message_id)
  ) WITHOUT ROWID;
  `,
  // Message requests. Chats that existed before are accepted by both sides, but for those of which the peer holds nothing:
  // their first message will arrive as a request.
  `
  ALTER TABLE chats ADD COLUMN accepted INTEGER NOT NULL DEFAULT 1;
  ALTER TABLE chats ADD COLUMN peer_accepted INTEGER NOT NULL DEFAULT 1;
  ALTER TABLE chats ADD COLUMN requested_count INTEGER NOT NULL DEFAULT 0;
  ALTER TABLE chats ADD COLUMN requested_bytes INTEGER NOT NULL DEFAULT 0;
  UPDATE chats SET peer_accepted = 0 WHERE own_id <> '' AND delivered_id = '' AND peer_own_id = '';
  `,
  // Runs of messages that are not visible, which pages skip. Triggers, so that a late message among them is shown even if
  // an older version of the code inserts it.
  `
  CREATE TABLE hidden_runs (
    chat_id TEXT NOT NULL, first_id TEXT NOT NULL, last_id TEXT NOT NULL, PRIMARY KEY (chat_id, first_id)
  ) WITHOUT ROWID;
  INSERT INTO hidden_runs (chat_id, first_id, last_id)
    SELECT chat_id, min(id), max(id) FROM (
      SELECT chat_id, id, hidden,
        max(iif(hidden, NULL, id)) OVER (PARTITION BY chat_id ORDER BY id ROWS UNBOUNDED PRECEDING) AS shown FROM messages)
    WHERE hidden = 1 GROUP BY chat_id, shown;
  CREATE TRIGGER messages_below_visible AFTER INSERT ON messages
  WHEN new.id < (SELECT visible_from FROM chats WHERE peer_id = new.chat_id) BEGIN
    DELETE FROM hidden_runs WHERE chat_id = new.chat_id AND first_id > new.id
      AND first_id < (SELECT visible_from FROM chats WHERE peer_id = new.chat_id);
    INSERT INTO hidden_runs (chat_id, first_id, last_id) SELECT new.chat_id, first_id, last_id FROM (SELECT
        (SELECT id FROM messages WHERE chat_id = new.chat_id AND id > new.id ORDER BY id LIMIT 1) AS first_id,
        (SELECT id FROM messages WHERE chat_id = new.chat_id
          AND id < (SELECT visible_from FROM chats WHERE peer_id = new.chat_id) ORDER BY id DESC LIMIT 1) AS last_id)
      WHERE first_id <= last_id;
    UPDATE chats SET visible_from = new.id WHERE peer_id = new.chat_id;
  END;
  CREATE TRIGGER messages_in_hidden_run AFTER INSERT ON messages
  WHEN new.id < (SELECT last_id FROM hidden_runs WHERE chat_id = new.chat_id AND first_id < new.id
    AND first_id >= coalesce((SELECT visible_from FROM chats WHERE peer_id = new.chat_id), '')
    ORDER BY first_id DESC LIMIT 1) BEGIN
    INSERT INTO hidden_runs (chat_id, first_id, last_id)
      SELECT chat_id, (SELECT id FROM messages WHERE chat_id = new.chat_id AND id > new.id ORDER BY id LIMIT 1), last_id
      FROM hidden_runs WHERE chat_id = new.chat_id AND first_id < new.id ORDER BY first_id DESC LIMIT 1;
    UPDATE hidden_runs SET last_id =
        (SELECT id FROM messages WHERE chat_id = new.chat_id AND id < new.id ORDER BY id DESC LIMIT 1)
      WHERE chat_id = new.chat_id AND first_id =
        (SELECT first_id FROM hidden_runs WHERE chat_id = new.chat_id AND first_id < new.id ORDER BY first_id DESC LIMIT 1);
  END;
  `,
  // What is read often, apart from what only stays on record; and how many contacts there are, kept by triggers.
  `
  CREATE INDEX live_sessions ON sessions (id) WHERE ended_at IS NULL;
  CREATE INDEX saved_contacts ON contacts (user_id) WHERE removed = 0;
  CREATE INDEX files_in_profile ON files (id) WHERE avatar = 1;
  CREATE TABLE contact_totals (id INTEGER PRIMARY KEY CHECK (id = 1), contacts INTEGER NOT NULL);
  INSERT INTO contact_totals (id, contacts) SELECT 1, count(*) FROM contacts WHERE removed = 0;
  CREATE TRIGGER contacts_inserted AFTER INSERT ON contacts WHEN new.removed = 0 BEGIN
    UPDATE contact_totals SET contacts = contacts + 1;
  END;
  CREATE TRIGGER contacts_updated AFTER UPDATE OF removed ON contacts WHEN new.removed <> old.removed BEGIN
    UPDATE contact_totals SET contacts = contacts + old.removed - new.removed;
  END;
  `,
  // What is left of the send rate. It begins full.
  `
  ALTER TABLE chats ADD COLUMN sends_left REAL NOT NULL DEFAULT 0;
  ALTER TABLE chats ADD COLUMN sends_at INTEGER NOT NULL DEFAULT 0;
  `,
  // Chats that were cleared and whose messages still have content, each with the id up to which they were emptied.
  `
  CREATE TABLE clearings (chat_id TEXT PRIMARY KEY, after_id TEXT NOT NULL) WITHOUT ROWID;
  INSERT INTO clearings (chat_id, after_id)
    SELECT peer_id, '' FROM chats WHERE cleared_own_id <> '' OR cleared_peer_id <> '';
  `,
  'ALTER TABLE blocks ADD COLUMN seen_at INTEGER NOT NULL DEFAULT 0',
  // The read mark that the peer may know: nothing that was read in a request.
  `
  ALTER TABLE chats ADD COLUMN shared_read_id TEXT NOT NULL DEFAULT '';
  UPDATE chats SET shared_read_id = read_id WHERE accepted = 1;
  `,
  // The search index as blocks of signatures, in place of an index of words. The first block covers everything; the alarm
  // builds and divides it.
  `
  INSERT INTO search (search) VALUES ('delete-all');
  DELETE FROM search_clearings;
  CREATE TABLE search_blocks (
    start TEXT PRIMARY KEY, chats TEXT, signature BLOB, rebuild_at INTEGER
  ) WITHOUT ROWID;
  CREATE INDEX search_blocks_by_time ON search_blocks (rebuild_at) WHERE rebuild_at IS NOT NULL;
  INSERT INTO search_blocks (start, chats, signature, rebuild_at) VALUES ('', NULL, NULL, 1);
  INSERT INTO meta (key, value)
    SELECT 'search', json_object('seq', coalesce(max(seq), 0), 'dueAt', NULL) FROM messages WHERE true
    ON CONFLICT (key) DO UPDATE SET value = excluded.value;
  UPDATE search_blocks SET chats = '[]', signature = x'', rebuild_at = NULL WHERE NOT EXISTS (SELECT 1 FROM messages);
  `,
  // Whether anything that was issued with the current refresh token has been presented.
  `
  ALTER TABLE sessions ADD COLUMN tracked_step INTEGER;
  ALTER TABLE sessions ADD COLUMN used_at INTEGER;
  `,
  // The profiles of contacts and of blocked users, as they were last seen. Both get new numbers, because clients have been
  // told of them without.
  `
  ALTER TABLE contacts ADD COLUMN profile TEXT;
  ALTER TABLE contacts ADD COLUMN gone INTEGER NOT NULL DEFAULT 0;
  ALTER TABLE blocks ADD COLUMN profile TEXT;
  ALTER TABLE blocks ADD COLUMN gone INTEGER NOT NULL DEFAULT 0;
  ${['contacts', 'blocks']
    .map(
      (table) => `UPDATE ${table} SET seq = told.seq FROM (
        SELECT user_id, last.seq + row_number() OVER (ORDER BY user_id) AS seq FROM ${table} CROSS JOIN (SELECT max(
          (SELECT coalesce(max(seq), 0) FROM chats),
          (SELECT coalesce(max(seq), 0) FROM contacts),
          (SELECT coalesce(max(seq), 0) FROM blocks),
          (SELECT coalesce(max(seq), 0) FROM sessions),
          (SELECT coalesce(max(json_extract(value, '$.seq')), 0) FROM meta WHERE key = 'profile')) AS seq) AS last
        WHERE ${table === 'blocks' ? 'blocked = 1' : 'removed = 0'}) AS told
      WHERE ${table}.user_id = told.user_id;`,
    )
    .join('\n')}
  `,
  // When the peer added their reactions: both sides show them by when an emoji first came.
  'ALTER TABLE messages ADD COLUMN peer_reacted_at TEXT',
  // What is known of a picture or recording.
  `
  ALTER TABLE files ADD COLUMN width INTEGER;
  ALTER TABLE files ADD COLUMN height INTEGER;
  ALTER TABLE files ADD COLUMN duration_ms INTEGER;
  ALTER TABLE files ADD COLUMN blur_hash TEXT;
  `,
  // Custom data of apps, as JSON. And what was left of the profiles of users who are gone.
  `
  ALTER TABLE messages ADD COLUMN metadata TEXT;
  UPDATE contacts SET profile = NULL WHERE gone = 1;
  `,
  `CREATE INDEX messages_with_attachments ON messages (chat_id, id) WHERE attachments IS NOT NULL AND hidden = 0`,
  // The groups that the owner is, or was, in.
  `
  CREATE TABLE groups (
    group_id TEXT PRIMARY KEY,
    client_group_id TEXT,
    request_hash TEXT,
    state TEXT NOT NULL,
    since INTEGER NOT NULL,
    checked INTEGER NOT NULL,
    checked_at INTEGER NOT NULL,
    dirty INTEGER NOT NULL,
    head TEXT,
    last_message_id TEXT NOT NULL,
    seq INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    pinned INTEGER NOT NULL,
    archived INTEGER NOT NULL,
    marked_unread INTEGER NOT NULL,
    muted_until INTEGER NOT NULL,
    sends_left REAL NOT NULL,
    sends_at INTEGER NOT NULL
  ) WITHOUT ROWID;
  `,
  // Whether mentions count although their group is muted, and which profile of the owner a group knows.
  `
  ALTER TABLE groups ADD COLUMN notify_mentions INTEGER NOT NULL DEFAULT 0;
  ALTER TABLE groups ADD COLUMN profile_revision INTEGER NOT NULL DEFAULT 0;
  `,
]
