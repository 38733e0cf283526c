-- find-spellings.sql for readers, who see urls without their query. Reads all targets.
--
-- Parameters: $1 text[]   urls in their normal form
--             $2 integer  maximum number of urls
-- Returns:    url
SELECT DISTINCT url FROM website_monitor.targets
WHERE NOT website_monitor.url_is_normal(url)
  AND website_monitor.url_host(url) = ANY (ARRAY(
    SELECT website_monitor.url_host(given) FROM unnest($1::text[]) AS given UNION SELECT ''))
LIMIT $2::integer
