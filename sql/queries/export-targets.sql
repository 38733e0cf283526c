-- Reads a page of targets in file format, ordered by id. Pages keep no transaction open for a slow reader.
--
-- Parameters: $1 bigint   last id of the previous page; 0 for the first page
--             $2 text     only urls that contain this text; null = all
--             $3 jsonb    only targets with all of these labels; {} = all
--             $4 integer  maximum number of rows
-- Returns:    id; columns json: those that people can set, secrets included; durations in seconds, as in '60 s';
--             depends_on as a key, or '${kept}' if that target has no key
-- Index:      the primary key
SELECT id, columns FROM website_monitor.get_targets($1::bigint, $2::text, $3::jsonb, $4::integer)
