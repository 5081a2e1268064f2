-- Who learns when the user is online, who learns what they have read, and who can begin a chat with them: 'everyone',
-- 'contacts' or 'nobody'. presence_audience replaces presence_hidden, which is no longer read.
ALTER TABLE users ADD COLUMN presence_audience TEXT NOT NULL DEFAULT 'everyone';
ALTER TABLE users ADD COLUMN read_mark_audience TEXT NOT NULL DEFAULT 'everyone';
ALTER TABLE users ADD COLUMN message_audience TEXT NOT NULL DEFAULT 'everyone';
UPDATE users SET presence_audience = 'nobody' WHERE presence_hidden = 1;
