-- Finds urls that may be other spellings of the given ones: those on the same hosts, or on a host that has several
-- spellings, that are not in their normal form. The caller compares them.
--
-- Parameters: $1 text[]   urls in their normal form
--             $2 integer  maximum number of urls
-- Returns:    url
-- Index:      monitored_targets_spelling
SELECT DISTINCT url FROM website_monitor.monitored_targets
WHERE NOT website_monitor.url_is_normal(url)
  AND website_monitor.url_host(url) = ANY (ARRAY(
    SELECT website_monitor.url_host(given) FROM unnest($1::text[]) AS given UNION SELECT ''))
LIMIT $2::integer
