-- Locks the batch whose lease expired longest ago, for take-over-batch.sql in the same transaction.
--
-- Parameters: $1 bigint[]  batches that the caller still holds and will record
-- Returns:    batch_id, or no row
-- Index:      lease_batches_expires_at
-- Locks:      that row; skips a batch that its worker is recording
SELECT batch_id::text
FROM website_monitor.lease_batches
WHERE expires_at <= clock_timestamp() AND batch_id NOT IN (SELECT unnest($1::bigint[]))
ORDER BY expires_at
LIMIT 1
FOR UPDATE SKIP LOCKED
