-- Who can add the user to groups: 'everyone', 'contacts' or 'nobody'. Until now, message_audience decided that as well.
ALTER TABLE users ADD COLUMN group_adds_audience TEXT NOT NULL DEFAULT 'everyone';
UPDATE users SET group_adds_audience = message_audience WHERE message_audience <> 'everyone';
