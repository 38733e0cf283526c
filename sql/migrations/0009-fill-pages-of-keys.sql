-- Pages of the primary keys of what is recorded slot by slot are filled to the last byte. The slots of each target are
-- added in the order in which they fall due, nothing is put between them later, and no key is ever changed: room left
-- for that is never used. A check takes 5 bytes less. Rollups gain nothing: they are written in the order of their key.

-- Makes one partition, unless it is there, and moves into it what the default partition has of its time.
CREATE OR REPLACE FUNCTION website_monitor.make_partition(parent name, bucket timestamptz) RETURNS void
  LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  known website_monitor.partitioned_tables;
  partition text;
  upper_bound timestamptz;
BEGIN
  SELECT * INTO STRICT known FROM website_monitor.partitioned_tables AS one WHERE one.parent = make_partition.parent;
  partition := website_monitor.partition_name(parent, known.size, bucket);
  IF to_regclass('website_monitor.' || partition) IS NOT NULL THEN
    RETURN;
  END IF;
  upper_bound := website_monitor.bucket_after(known.size, bucket);
  EXECUTE format('CREATE TABLE website_monitor.%I (LIKE website_monitor.%I INCLUDING ALL)', partition, parent);
  IF known.is_raw THEN
    PERFORM website_monitor.fill_key_pages(('website_monitor.' || partition)::regclass);
  END IF;
  EXECUTE format(
    'WITH moved AS (
       DELETE FROM website_monitor.%1$I WHERE %2$I >= %3$L AND %2$I < %4$L RETURNING *)
     INSERT INTO website_monitor.%5$I SELECT * FROM moved',
    parent || '_default', known.by_column, bucket, upper_bound, partition);
  EXECUTE format(
    'ALTER TABLE website_monitor.%I ATTACH PARTITION website_monitor.%I FOR VALUES FROM (%L) TO (%L)',
    parent, partition, bucket, upper_bound);
END
$$;

-- Of a partition, for its parent's key cannot hold such a setting. What is filled already stays as it is.
CREATE FUNCTION website_monitor.fill_key_pages(partition regclass) RETURNS void
  LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  key regclass;
BEGIN
  SELECT indexrelid INTO STRICT key FROM pg_index WHERE indrelid = partition AND indisprimary;
  EXECUTE format('ALTER INDEX %s SET (fillfactor = 100)', key);
END
$$;

SELECT website_monitor.fill_key_pages(inhrelid)
FROM website_monitor.partitioned_tables
JOIN pg_inherits ON inhparent = ('website_monitor.' || parent)::regclass
WHERE is_raw;
