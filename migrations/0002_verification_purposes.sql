-- What a code is for and, if it is for a signed-in user, whose it is. A code for one purpose never serves another.
ALTER TABLE verifications ADD COLUMN purpose TEXT NOT NULL DEFAULT 'signIn';
ALTER TABLE verifications ADD COLUMN user_id TEXT;
