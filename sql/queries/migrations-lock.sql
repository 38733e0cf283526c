-- Lets one transaction migrate at a time. Reading the ledger does not conflict with it, and a role that may only read the
-- ledger cannot take it.
--
-- Locks: schema_migrations, until the end of the transaction
LOCK TABLE website_monitor.schema_migrations IN SHARE ROW EXCLUSIVE MODE
