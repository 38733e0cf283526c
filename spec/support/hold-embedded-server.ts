/** A process of its own that starts or adopts an embedded server, prints its DSN, and lives on. */
import { startEmbeddedServer } from '../../lib/bundled-postgres/bundled-server.ts';

const { dsn } = await startEmbeddedServer({ dataFolder: process.argv[2] ?? '', durable: false });
console.log(dsn);
setInterval(() => {}, 60_000);
