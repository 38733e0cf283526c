import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { wholeNumber } from '../lib/targets/text-rules.ts';
import { HOSTILE_ROWS, startHostileWebsite } from '../spec/support/hostile/hostile-website.ts';
import { settingsOrExit } from './support/flags.ts';
import { hostileTable } from './support/hostile-table.ts';

const PURPOSE =
  'A website that misbehaves in some 400 ways, one a path or a port, and what a check must say of each.';
const PORTS_AFTER_MAX = 100;

const { port } = settingsOrExit(PURPOSE, {
  port: {
    rule: wholeNumber(0, 65_535 - PORTS_AFTER_MAX),
    fallback: '8666',
    meaning: 'where to listen, and on some 75 ports after it; 0 = any free ones',
  },
});

try {
  const website = await startHostileWebsite(port);
  const folder = mkdtempSync(join(tmpdir(), 'hostile-server-'));
  const authorityFile = join(folder, 'authority.pem');
  writeFileSync(authorityFile, website.ca);
  for (const signal of ['SIGINT', 'SIGTERM'])
    process.once(signal, () => {
      rmSync(folder, { recursive: true });
      void website.close();
    });
  console.log(`hostile server at ${website.healthyUrl}\n\n${hostileTable(HOSTILE_ROWS, website.urls)}\n`);
  console.log(`To check one, with the certificate authority, which is new at each start:

  NODE_EXTRA_CA_CERTS=${authorityFile} npm run check-url -- --allow-private-targets 127.0.0.1 ${website.urls[0]}`);
} catch (error) {
  console.error(`cannot listen on 127.0.0.1, port ${port} and those after it: ${(error as Error).message}`);
  process.exitCode = 1;
}
