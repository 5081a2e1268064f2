-- Custom data of a profile, as JSON.
ALTER TABLE users ADD COLUMN metadata TEXT;
