-- Every code sent in the last day, for the budgets. Numbers and networks are stored only as keyed fingerprints.
CREATE TABLE otp_sends (
  id TEXT PRIMARY KEY,
  number_key TEXT NOT NULL,
  prefix_key TEXT NOT NULL,
  network_key TEXT NOT NULL,
  country TEXT NOT NULL,
  channel TEXT NOT NULL,
  trust INTEGER NOT NULL,
  sent_at INTEGER NOT NULL,
  approved_at INTEGER
) WITHOUT ROWID;

CREATE INDEX otp_sends_by_number ON otp_sends (number_key, sent_at);
CREATE INDEX otp_sends_by_prefix ON otp_sends (prefix_key, sent_at);
CREATE INDEX unapproved_otp_sends_by_network ON otp_sends (network_key, sent_at) WHERE approved_at IS NULL;
CREATE INDEX unapproved_otp_sends_by_country ON otp_sends (country, sent_at) WHERE approved_at IS NULL;
CREATE INDEX unapproved_otp_sends ON otp_sends (sent_at) WHERE approved_at IS NULL;

-- The networks that have signed in with a number.
CREATE TABLE known_networks (
  number_key TEXT NOT NULL,
  network_key TEXT NOT NULL,
  prefix_key TEXT NOT NULL,
  proven_at INTEGER NOT NULL,
  PRIMARY KEY (number_key, network_key)
) WITHOUT ROWID;

CREATE INDEX known_networks_by_prefix ON known_networks (prefix_key);
CREATE INDEX known_networks_by_time ON known_networks (proven_at);

-- The breakers that currently ask for proof, so that the log reports once when one trips and when it has recovered.
CREATE TABLE tripped_breakers (
  name TEXT PRIMARY KEY,
  tripped_at INTEGER NOT NULL
) WITHOUT ROWID;

-- The provider's single open verification of a number, which all of ours for that number share, and its checks.
CREATE TABLE otp_challenges (
  phone_number TEXT PRIMARY KEY,
  provider_ref TEXT NOT NULL,
  sends INTEGER NOT NULL,
  carried_checks INTEGER NOT NULL,
  expires_at INTEGER NOT NULL
) WITHOUT ROWID;

CREATE TABLE otp_checks (
  id TEXT PRIMARY KEY,
  verification_id TEXT NOT NULL,
  provider_ref TEXT NOT NULL
) WITHOUT ROWID;

CREATE INDEX otp_checks_by_verification ON otp_checks (verification_id);
CREATE INDEX otp_checks_by_provider_ref ON otp_checks (provider_ref);

-- How much was known about the requester: 0 nothing, 1 that they are a person, 2 a network that has signed in with the
-- number.
ALTER TABLE verifications ADD COLUMN trust INTEGER NOT NULL DEFAULT 0;
