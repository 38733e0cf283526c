/**
 * Makes the pictures of alert mails in docs/images: sends real mails to a real mail server on loopback, and renders
 * what arrived with Chromium, as a light and as a dark client shows it.
 *
 * npm run mail-pictures (needs Debian's chromium)
 */
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { firstValueFrom } from 'rxjs';
import type { Message, Told } from '../lib/alerting/message.ts';
import { createSend } from '../lib/channels/create-send.ts';
import { aMessage, aResolve, aTold, SINCE_MS } from '../spec/support/a-message.ts';
import { startSmtpReceiver } from '../spec/support/receivers.ts';

const IMAGES = 'docs/images';
/** Of `preferredColorScheme` in Blink */
const SCHEMES = { dark: 0, light: 1 } as const;

const PAGES = { publicUrl: 'https://status.example.org' };

const several: readonly [Told, ...Told[]] = [
  aTold({ alertId: '43', title: 'shop.example.org' }),
  aTold({
    alertId: '44',
    title: 'api.example.org',
    cause: 'http_status',
    check: { httpStatus: 503, phases: phases() },
  }),
  aTold({
    alertId: '45',
    kind: 'slow',
    title: 'search.example.org',
    cause: 'slow',
    detail: '2.4 s, slow above 1 s',
  }),
  aResolve({ alertId: '46', title: 'blog.example.org', untilMs: SINCE_MS + 185_000 }),
];

const MAILS: Readonly<Record<string, { readonly message: Message; readonly height: number }>> = {
  down: {
    message: aMessage([aTold({ incidents: 2, check: { httpStatus: null, phases: phases() } })], PAGES),
    height: 560,
  },
  up: { message: aMessage([aResolve()], PAGES), height: 360 },
  several: {
    message: aMessage(several, {
      ...PAGES,
      counts: [
        { news: 'opened', kind: 'down', cause: 'connect_refused', ending: null, count: 31 },
        { news: 'opened', kind: 'down', cause: 'http_status', ending: null, count: 7 },
        { news: 'opened', kind: 'slow', cause: 'slow', ending: null, count: 1 },
        { news: 'resolved', kind: 'down', cause: 'connect_refused', ending: 'recovered', count: 1 },
      ],
    }),
    height: 420,
  },
};

function phases() {
  return { dnsUs: 1_234, connectUs: 9_800, tlsUs: 20_400, ttfbUs: 12_000, transferUs: 100, totalUs: 43_534 };
}

const folder = mkdtempSync(join(tmpdir(), 'mail-pictures-'));
const server = await startSmtpReceiver();
const send = createSend({
  resolve: async () => ({ kind: 'resolved', addresses: [] }),
  secrets: text => ({ kind: 'known', text }),
  privateChannels: { all: false, ranges: [] },
  smtpUrl: server.url,
});
const channel = { id: '1', name: 'ops', kind: 'email', url: 'mailto:ops@example.org', secrets: [] } as const;

mkdirSync(IMAGES, { recursive: true });
for (const [name, { message, height }] of Object.entries(MAILS)) {
  const arrived = server.next();
  const sent = await firstValueFrom(send(channel, message));
  if (sent.kind !== 'accepted') throw new Error(`${name}: ${sent.problem}`);
  const { html } = await arrived;
  const page = join(folder, `${name}.html`);
  writeFileSync(page, html || '');
  for (const [scheme, number] of Object.entries(SCHEMES))
    takePicture(page, `mail-${name}-${scheme}`, number, height);
}
await server.close();
rmSync(folder, { recursive: true });

function takePicture(page: string, name: string, scheme: number, height: number): void {
  const picture = join(IMAGES, `${name}.png`);
  execFileSync(
    'chromium',
    [
      '--headless=new',
      '--no-sandbox', // Chromium refuses to start as root with it; the page is our own
      '--disable-gpu',
      '--hide-scrollbars',
      `--blink-settings=preferredColorScheme=${scheme}`,
      `--window-size=680,${height}`,
      `--screenshot=${picture}`,
      `file://${page}`,
    ],
    { stdio: 'ignore' },
  );
  process.stdout.write(`${picture}\n`);
}
