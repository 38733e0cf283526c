-- Describes columns of `monitored_targets` in the words of the documentation.

COMMENT ON COLUMN website_monitor.monitored_targets.key IS
  'unique, stable identifier, as in shop.checkout-1; null = identified by url and method';
COMMENT ON COLUMN website_monitor.monitored_targets.name IS
  'shown instead of the url; null = the url is shown';
COMMENT ON COLUMN website_monitor.monitored_targets.labels IS
  'an object of strings to select targets by, as in {"team": "web"}; at most 32';
COMMENT ON COLUMN website_monitor.monitored_targets.timeout IS
  'longest duration of an attempt, redirects included; null = the service''s --max-timeout';
COMMENT ON COLUMN website_monitor.monitored_targets.accepted_statuses IS
  'final statuses that count as up, as in 200-299,401; null = all below 400, unless --raise-for-status false';
COMMENT ON COLUMN website_monitor.monitored_targets.max_redirects IS
  'how many redirects to follow; 0 judges the redirect itself';
COMMENT ON COLUMN website_monitor.monitored_targets.max_latency IS
  'a check that takes longer in total is down; null = the timeout is the only limit';
COMMENT ON COLUMN website_monitor.monitored_targets.ip_family IS
  'connect over IPv4 or IPv6 only; null = either';
COMMENT ON COLUMN website_monitor.monitored_targets.verify_tls IS
  'false accepts any certificate, and records it';
COMMENT ON COLUMN website_monitor.monitored_targets.min_certificate_validity IS
  'down if the certificate expires sooner than this; null = expiry only causes warnings';
COMMENT ON COLUMN website_monitor.monitored_targets.basic_auth_user IS
  'may be a reference, like password and token: ${env:WEBSITE_MONITOR_SECRET_…} or ${file:…}';
COMMENT ON COLUMN website_monitor.monitored_targets.regex_breaches IS
  'overruns in a row: searches that ran past their limit; written by the service';
COMMENT ON COLUMN website_monitor.monitored_targets.regex_problem IS
  'why the pattern is not run; written by the service, and cleared when the pattern is edited; null = the pattern is run';
COMMENT ON COLUMN website_monitor.monitored_targets.depends_on IS
  'the target whose failure explains this one''s; that target itself depends on none; null = none';
COMMENT ON COLUMN website_monitor.monitored_targets.alert_after IS
  'how long the target is down before an alert opens; null = the service''s default';
COMMENT ON COLUMN website_monitor.monitored_targets.recovery_period IS
  'how long the target is up before an alert closes; null = the service''s default';
COMMENT ON COLUMN website_monitor.monitored_targets.slow_above IS
  'a check that takes longer in total is slow, which is not down; null = no check is slow';
COMMENT ON COLUMN website_monitor.monitored_targets.managed_by IS
  'the config file that owns the target; null = not managed';
COMMENT ON COLUMN website_monitor.monitored_targets.created_by IS
  'the role that inserted it; written by the database; null = unknown';
COMMENT ON COLUMN website_monitor.monitored_targets.revision IS
  'counts every edit; written by the database';
