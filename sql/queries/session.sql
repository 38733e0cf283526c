-- Sets up a new session.
--
-- Parameters: $1 text  longest duration of a statement, in ms
SELECT set_config('statement_timeout', $1, false)
