/** A process of its own that starts or adopts an bundled server, prints its DSN, and lives on. */
import { startBundledServer } from '../../lib/bundled-postgres/bundled-server.ts';

const { dsn } = await startBundledServer({ dataFolder: process.argv[2] ?? '', durable: false });
console.log(dsn);
setInterval(() => {}, 60_000);
