-- The custom data of reported messages, as JSON.
ALTER TABLE reported_messages ADD COLUMN metadata TEXT;
