// What `startHostileProcess` starts: says where the website is and, once asked, what it has open.
import { setTimeout as delay } from 'node:timers/promises';
import { startHostileWebsite } from './hostile-website.ts';

/** How long a connection may take to be seen closed. */
const CLOSING_MS = 3_000;

const website = await startHostileWebsite();
const { urls, healthyUrl, ca } = website;
process.on('message', async () => {
  await Promise.race([website.allClosed(), delay(CLOSING_MS)]);
  process.send?.(website.open());
});
process.on('disconnect', () => process.exit());
process.send?.({ urls, healthyUrl, ca });
