-- Limits the duration of each statement in this transaction.
--
-- Parameters: $1 text  longest duration, in ms
SELECT set_config('statement_timeout', $1, true)
