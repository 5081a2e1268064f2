-- Identifies a repeated request for a code: a keyed fingerprint of the number, the purpose, the user, and the client's
-- own id of the request.
ALTER TABLE verifications ADD COLUMN request_key TEXT;
ALTER TABLE otp_sends ADD COLUMN request_key TEXT;
