import type pg from 'pg';

/** WAL bytes that the server has written so far. */
export async function walPosition(psql: pg.Client): Promise<number> {
  const { rows } = await psql.query(`SELECT pg_current_wal_insert_lsn() - '0/0' AS bytes`);
  return Number(rows[0].bytes);
}
