-- Whether somebody who knows the number can find its user.
ALTER TABLE users ADD COLUMN discoverable INTEGER NOT NULL DEFAULT 1;

-- What users report to the owner of the app about others. Evidence is a JSON array of messages as they were when
-- reported.
CREATE TABLE reports (
  id TEXT PRIMARY KEY,
  reporter_id TEXT,
  reported_id TEXT NOT NULL,
  reason TEXT NOT NULL,
  comment TEXT,
  evidence TEXT NOT NULL,
  created_at INTEGER NOT NULL
);

CREATE INDEX reports_by_reporter ON reports (reporter_id, created_at);
CREATE INDEX reports_by_reported ON reports (reported_id, created_at);
