-- Records the latest certificate of each target.
--
-- Parameters: parallel arrays, one element per target: $1 bigint[] target_id, $2 integer[] target_version,
--             $3 timestamptz[] slot of the check, $4 float8[] expires_at (ms since 1970), $5 text[] host,
--             $6 text[] subject, $7 text[] issuer, $8 text[] fingerprint_sha256
-- Returns:    target_id text of each target whose certificate is now on record. Leaves out targets that were
--             deleted, edited, or locked by a transaction that may edit them
-- Index:      the primary keys
-- Locks:      targets with a new certificate, against concurrent edits and deletion, skipping locked ones; and the
--             certificates
WITH seen AS MATERIALIZED (
  SELECT DISTINCT ON (target_id) *
  FROM unnest($1::bigint[], $2::integer[], $3::timestamptz[], $4::float8[], $5::text[], $6::text[], $7::text[], $8::text[])
    AS seen (target_id, target_version, slot, expires_at_ms, host, subject, issuer, fingerprint)
  ORDER BY target_id, slot DESC
),
-- Often empty: a worker with many targets forgets what it has recorded, and sends it again.
news AS MATERIALIZED (
  SELECT * FROM seen
  WHERE (
    SELECT true FROM website_monitor.target_certificates AS known
    WHERE known.target_id = seen.target_id AND known.expires_at = to_timestamp(expires_at_ms / 1000)
      AND known.host = seen.host AND known.fingerprint_sha256 = fingerprint
  ) IS NULL
),
present AS MATERIALIZED (
  SELECT id, version FROM website_monitor.monitored_targets
  WHERE id = ANY (ARRAY(SELECT target_id FROM news))
  ORDER BY id
  FOR SHARE SKIP LOCKED
),
kept AS (
  INSERT INTO website_monitor.target_certificates AS certificate (
    target_id, expires_at, host, subject, issuer, fingerprint_sha256, first_seen_at)
  SELECT target_id, to_timestamp(expires_at_ms / 1000), host, subject, issuer, fingerprint, slot
  FROM news JOIN present ON id = target_id AND version = target_version
  ON CONFLICT (target_id) DO UPDATE SET
    expires_at = excluded.expires_at, host = excluded.host, subject = excluded.subject, issuer = excluded.issuer,
    fingerprint_sha256 = excluded.fingerprint_sha256, first_seen_at = excluded.first_seen_at
  WHERE (certificate.expires_at, certificate.host, certificate.fingerprint_sha256)
    IS DISTINCT FROM (excluded.expires_at, excluded.host, excluded.fingerprint_sha256)
)
SELECT target_id::text FROM seen
WHERE target_id NOT IN (SELECT target_id FROM news)
  OR target_id IN (SELECT id FROM present JOIN news ON id = news.target_id AND version = target_version)
