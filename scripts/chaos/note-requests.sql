-- Parameters: $1 text[]  the url of each request
INSERT INTO chaos.requests SELECT url, count(*) FROM unnest($1::text[]) AS url GROUP BY url
