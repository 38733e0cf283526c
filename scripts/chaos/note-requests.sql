-- Parameters: $1 text[]        the url of each request
--             $2, $3 float8[]  when it arrived and when it was answered (null = never), in ms since 1970
INSERT INTO chaos.requests
SELECT url, to_timestamp(at_ms / 1000), to_timestamp(answered_at_ms / 1000)
FROM unnest($1::text[], $2::float8[], $3::float8[]) AS request (url, at_ms, answered_at_ms)
