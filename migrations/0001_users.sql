CREATE TABLE users (
  id TEXT PRIMARY KEY,
  phone_number TEXT NOT NULL UNIQUE,
  username TEXT COLLATE NOCASE UNIQUE,
  first_name TEXT,
  last_name TEXT,
  about TEXT,
  avatar_file_id TEXT,
  presence_hidden INTEGER NOT NULL DEFAULT 0,
  revision INTEGER NOT NULL DEFAULT 1,
  created_at INTEGER NOT NULL,
  updated_at INTEGER NOT NULL
) WITHOUT ROWID;

CREATE INDEX users_by_avatar ON users (avatar_file_id) WHERE avatar_file_id IS NOT NULL;

CREATE TABLE verifications (
  id TEXT PRIMARY KEY,
  phone_number TEXT NOT NULL,
  channel TEXT NOT NULL,
  provider_ref TEXT,
  session_id TEXT NOT NULL,
  candidate_user_id TEXT NOT NULL,
  checks INTEGER NOT NULL DEFAULT 0,
  created_at INTEGER NOT NULL,
  expires_at INTEGER NOT NULL,
  approved_at INTEGER,
  code_fingerprint TEXT
) WITHOUT ROWID;

CREATE INDEX verifications_by_phone_number ON verifications (phone_number, created_at);
