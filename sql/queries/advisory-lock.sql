-- Makes those who ask for the same name go one after the other.
--
-- Parameters: $1 text  what is to be done by one at a time
-- Locks:      one advisory lock, until the end of the transaction
SELECT pg_advisory_xact_lock(hashtext('website_monitor'), hashtext($1))
