-- By what a repeated request for a code is known: a keyed fingerprint of the number and the client's own id of the request.
ALTER TABLE verifications ADD COLUMN request_key TEXT;
ALTER TABLE otp_sends ADD COLUMN request_key TEXT;
