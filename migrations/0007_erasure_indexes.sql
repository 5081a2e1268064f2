-- An erasure finds a user's verifications without reading those of others.
CREATE INDEX verifications_by_candidate ON verifications (candidate_user_id);
CREATE INDEX verifications_by_user ON verifications (user_id) WHERE user_id IS NOT NULL;
