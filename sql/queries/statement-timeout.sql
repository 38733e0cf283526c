-- How long the statements of this transaction may take.
--
-- Parameters: $1 text  in ms
SELECT set_config('statement_timeout', $1, true)
