// The minimum between an insert and its request: LISTEN, lease, http.get.
// node bench/pickup/bare.ts DSN SQL-FILE [JSON array of the statement's parameters]
import { readFileSync } from 'node:fs';
import http from 'node:http';
import pg from 'pg';

const [dsn = '', sqlFile = '', values = '[]'] = process.argv.slice(2);
const text = readFileSync(sqlFile, 'utf8');
const parameters = JSON.parse(values);
const client = new pg.Client({ connectionString: dsn });

client.on('notification', async () => {
  const { rows } = await client.query(text, parameters);
  const targets = rows[0]?.leases?.map(({ target }: { target: unknown }) => target) ?? rows;
  for (const { url } of targets) {
    http.get(url, { agent: false }, response => response.resume()).on('error', () => {});
  }
});
await client.connect();
await client.query('LISTEN website_monitor');
process.send?.('listening');
process.once('disconnect', () => process.exit());
