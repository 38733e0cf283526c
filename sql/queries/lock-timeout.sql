-- Limits each wait for a lock, for the rest of the transaction.
--
-- Parameters: $1 text  in ms
SELECT set_config('lock_timeout', $1, true)
