/**
 * The tables of a new mailbox, with what they begin with: what all migrations together make of an empty object, in a fifth
 * of the time. Every migration changes this as well; a test compares the two. docs/storage.md describes the tables.
 */
export const schema = `
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
    ended_at INTEGER,
    seq INTEGER NOT NULL DEFAULT 0,
    first_seq INTEGER NOT NULL DEFAULT 0,
    shown_used_at INTEGER NOT NULL DEFAULT 0,
    country TEXT,
    city TEXT,
    network TEXT,
    tracked_step INTEGER,
    used_at INTEGER
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
    peer_read_id TEXT NOT NULL,
    peer_gone INTEGER NOT NULL DEFAULT 0,
    visible_from TEXT NOT NULL DEFAULT '',
    accepted INTEGER NOT NULL DEFAULT 1,
    peer_accepted INTEGER NOT NULL DEFAULT 1,
    requested_count INTEGER NOT NULL DEFAULT 0,
    requested_bytes INTEGER NOT NULL DEFAULT 0,
    sends_left REAL NOT NULL DEFAULT 0,
    sends_at INTEGER NOT NULL DEFAULT 0,
    shared_read_id TEXT NOT NULL DEFAULT ''
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
    removed_reactions TEXT,
    peer_reacted_at TEXT,
    metadata TEXT,
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
    removed INTEGER NOT NULL,
    profile TEXT,
    gone INTEGER NOT NULL DEFAULT 0
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
    peer TEXT,
    seen_at INTEGER NOT NULL DEFAULT 0,
    profile TEXT,
    gone INTEGER NOT NULL DEFAULT 0
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
    clean_at INTEGER,
    width INTEGER,
    height INTEGER,
    duration_ms INTEGER,
    blur_hash TEXT
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
  CREATE TABLE budgets (name TEXT PRIMARY KEY, amount REAL NOT NULL, at INTEGER NOT NULL) WITHOUT ROWID;
  CREATE TABLE lookups (hash TEXT PRIMARY KEY) WITHOUT ROWID;
  CREATE INDEX sessions_by_seq ON sessions (seq);
  CREATE TABLE file_totals (id INTEGER PRIMARY KEY CHECK (id = 1), bytes INTEGER NOT NULL, files INTEGER NOT NULL);
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
  CREATE TABLE quote_blankings (
    chat_id TEXT NOT NULL,
    message_id TEXT NOT NULL,
    after_id TEXT NOT NULL,
    PRIMARY KEY (chat_id, message_id)
  ) WITHOUT ROWID;
  CREATE TABLE hidden_runs (
    chat_id TEXT NOT NULL,
    first_id TEXT NOT NULL,
    last_id TEXT NOT NULL,
    PRIMARY KEY (chat_id, first_id)
  ) WITHOUT ROWID;
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
  CREATE INDEX live_sessions ON sessions (id) WHERE ended_at IS NULL;
  CREATE INDEX saved_contacts ON contacts (user_id) WHERE removed = 0;
  CREATE INDEX files_in_profile ON files (id) WHERE avatar = 1;
  CREATE TABLE contact_totals (id INTEGER PRIMARY KEY CHECK (id = 1), contacts INTEGER NOT NULL);
  CREATE TRIGGER contacts_inserted AFTER INSERT ON contacts WHEN new.removed = 0 BEGIN
    UPDATE contact_totals SET contacts = contacts + 1;
  END;
  CREATE TRIGGER contacts_updated AFTER UPDATE OF removed ON contacts WHEN new.removed <> old.removed BEGIN
    UPDATE contact_totals SET contacts = contacts + old.removed - new.removed;
  END;
  CREATE TABLE clearings (chat_id TEXT PRIMARY KEY, after_id TEXT NOT NULL) WITHOUT ROWID;
  CREATE TABLE search_blocks (
    start TEXT PRIMARY KEY,
    chats TEXT,
    signature BLOB,
    rebuild_at INTEGER
  ) WITHOUT ROWID;
  CREATE INDEX search_blocks_by_time ON search_blocks (rebuild_at) WHERE rebuild_at IS NOT NULL;
  CREATE INDEX messages_with_attachments ON messages (chat_id, id) WHERE attachments IS NOT NULL AND hidden = 0;
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
    sends_at INTEGER NOT NULL,
    notify_mentions INTEGER NOT NULL DEFAULT 0,
    profile_revision INTEGER NOT NULL DEFAULT 0
  ) WITHOUT ROWID;
  INSERT INTO meta (key, value) VALUES ('search', json_object('seq', 0, 'dueAt', NULL));
  INSERT INTO file_totals (id, bytes, files) VALUES (1, 0, 0);
  INSERT INTO contact_totals (id, contacts) VALUES (1, 0);
  INSERT INTO search_blocks (start, chats, signature, rebuild_at) VALUES ('', '[]', x'', NULL);
`
