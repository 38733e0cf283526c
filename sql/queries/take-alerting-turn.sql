-- Makes this transaction the only one that turns events into alerts.
--
-- Returns:    one row if it is; none while another worker does it
-- Locks:      the row of alerting_turn, which only workers may lock
SELECT FROM website_monitor.alerting_turn FOR UPDATE SKIP LOCKED
