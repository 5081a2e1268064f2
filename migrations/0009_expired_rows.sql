-- Finds what the hourly purge deletes.
CREATE INDEX otp_challenges_by_expiry ON otp_challenges (expires_at);
