-- What a code is for, and whose it is when it is for a user who is signed in: a code for one purpose never serves another.
ALTER TABLE verifications ADD COLUMN purpose TEXT NOT NULL DEFAULT 'signIn';
ALTER TABLE verifications ADD COLUMN user_id TEXT;
