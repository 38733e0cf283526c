-- Sets a new session up.
--
-- Parameters: $1 text  longest that a statement may take, in ms
SELECT set_config('statement_timeout', $1, false)
