-- Adds a silence.
--
-- Parameters: $1 text        name
--             $2 boolean     announced
--             $3 jsonb       labels; {} = none
--             $4 text[]      keys
--             $5 boolean     everything
--             $6 text, $7 text: when it starts (null = now) and ends (null = nobody says): a local time in the time zone, or
--                            a time that ends in Z or an offset
--             $8 text        how long it lasts; null = until $7
--             $9 smallint[]  days of the week, $10 smallint[] days of the month; both null = it does not recur
--             $11 text       time of day at which a recurring one starts
--             $12 text       time zone
-- Returns:    id text; targets integer: how many it covers now
WITH given AS (
  SELECT $9::smallint[] IS NOT NULL OR $10::smallint[] IS NOT NULL AS recurs, $8::interval AS lasting, coalesce(CASE
      WHEN $6::text ~ '(Z|[+-]\d\d:\d\d)$' THEN $6::text::timestamptz
      ELSE website_monitor.moment_of($6::text::timestamp, $12::text) END, now()) AS starts_at, CASE
      WHEN $7::text ~ '(Z|[+-]\d\d:\d\d)$' THEN $7::text::timestamptz
      ELSE website_monitor.moment_of($7::text::timestamp, $12::text) END AS ends_at
),
added AS (
  INSERT INTO website_monitor.silences (name, announced, labels, keys, everything, starts_at, ends_at,
    weekdays, month_days, start_time, duration, time_zone)
  SELECT $1, $2::boolean, $3::jsonb, $4::text[], $5::boolean, starts_at,
    CASE WHEN recurs THEN ends_at ELSE coalesce(ends_at, starts_at + extract(epoch FROM lasting) * interval '1 s') END,
    $9::smallint[], $10::smallint[], $11::time, CASE WHEN recurs THEN lasting END, CASE WHEN recurs THEN $12::text END
  FROM given
  RETURNING id, silences AS silence
)
SELECT id::text, (
  SELECT count(*) FROM website_monitor.monitored_targets AS target
  WHERE website_monitor.silence_covers(silence, target.labels, target.key)
)::integer AS targets
FROM added
