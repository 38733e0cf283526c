-- Serialises transactions that lock the same name.
--
-- Parameters: $1 text  name of the work that one transaction may do at a time
-- Locks:      one advisory lock, until the end of the transaction
SELECT pg_advisory_xact_lock(hashtext('website_monitor'), hashtext($1))
