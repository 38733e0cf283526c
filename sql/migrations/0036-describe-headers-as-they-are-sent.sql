-- Some headers are sent to other origins, too, since redirects keep who asks for what.
COMMENT ON COLUMN website_monitor.monitored_targets.default_headers IS
  'sent to the url''s own origin; of them, User-Agent, Accept and Accept-Language also follow redirects elsewhere unless they are secrets; a value may be ${env:WEBSITE_MONITOR_SECRET_…} or ${file:…}; null = none are sent';
