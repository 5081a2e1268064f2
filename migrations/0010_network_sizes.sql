-- The wider networks that asked for a code: an IPv6 /56 or an IPv4 address, and an IPv6 /48 or an IPv4 /24. Rows from
-- before have none and count for no such network.
ALTER TABLE otp_sends ADD COLUMN site_key TEXT NOT NULL DEFAULT '';
ALTER TABLE otp_sends ADD COLUMN block_key TEXT NOT NULL DEFAULT '';

CREATE INDEX unapproved_otp_sends_by_site ON otp_sends (site_key, sent_at) WHERE approved_at IS NULL;
CREATE INDEX unapproved_otp_sends_by_block ON otp_sends (block_key, sent_at) WHERE approved_at IS NULL;
