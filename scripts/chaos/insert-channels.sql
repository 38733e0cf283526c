-- Parameters: $1 text  host and port of the receiver
INSERT INTO website_monitor.channels (name, url, reminder)
VALUES ('hook', 'http://' || $1 || '/hook', NULL),
  ('escalation', 'http://' || $1 || '/escalation', '1 min'),
  ('chat', 'slack+http://' || $1 || '/chat', NULL)
