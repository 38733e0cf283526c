-- A gap says why its slots were not run.

CREATE TYPE website_monitor.gap_reason AS ENUM (
  'no_worker', -- no worker ran it in time
  'still_running', -- the target's previous check had not finished
  'slow_lane_full', -- too many slow checks were running
  'target_deleted', -- while its check ran, like the next two
  'target_disabled',
  'target_edited'
);

ALTER TABLE website_monitor.check_gaps ADD COLUMN reason website_monitor.gap_reason NOT NULL DEFAULT 'no_worker';

COMMENT ON COLUMN website_monitor.check_gaps.reason IS 'why the slots were not checked';
