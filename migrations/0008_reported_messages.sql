-- The messages that reports name: each is copied once per reporter, and reports refer to the copies. `evidence` is now a
-- JSON array of those references. A report outlasts the account that it is about, under a keyed hash of its number.
CREATE TABLE reported_messages (
  report_id TEXT NOT NULL,
  message_id TEXT NOT NULL,
  reporter_id TEXT,
  by_reporter INTEGER NOT NULL,
  text TEXT NOT NULL,
  file_ids TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  edited_at INTEGER,
  deleted_at INTEGER,
  reported_at INTEGER NOT NULL,
  PRIMARY KEY (report_id, message_id)
) WITHOUT ROWID;

INSERT INTO reported_messages
  SELECT r.id, m.value ->> 'id', r.reporter_id, m.value ->> 'senderId' <> r.reported_id, substr(m.value ->> 'text', 1, 4000),
    m.value -> 'fileIds', m.value ->> 'createdAt', m.value ->> 'editedAt', m.value ->> 'deletedAt', r.created_at
  FROM reports AS r, json_each(r.evidence) AS m;

CREATE TABLE new_reports (
  id TEXT PRIMARY KEY,
  reporter_id TEXT,
  reported_id TEXT,
  reported_key TEXT,
  reason TEXT NOT NULL,
  comment TEXT,
  evidence TEXT NOT NULL,
  bytes INTEGER NOT NULL,
  created_at INTEGER NOT NULL
) WITHOUT ROWID;

INSERT INTO new_reports
  SELECT id, reporter_id, reported_id, NULL, reason, comment,
    (SELECT json_group_array(json_object('id', value ->> 'id', 'copyIn', reports.id)) FROM json_each(evidence)),
    0, created_at
  FROM reports;

DROP TABLE reports;
ALTER TABLE new_reports RENAME TO reports;

CREATE INDEX reports_by_reporter ON reports (reporter_id, created_at);
CREATE INDEX reports_by_reported ON reports (reported_id, created_at);
CREATE INDEX reported_messages_by_reporter ON reported_messages (reporter_id, message_id);
CREATE INDEX reported_messages_by_time ON reported_messages (reported_at);
