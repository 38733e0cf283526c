import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'chai';
import { startWorker } from '../support/main-process.ts';
import { redirectTo, reset, respond } from '../support/scripted-website.ts';
import { openStage, type Stage } from '../support/stage.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const HEADER_SECRET = 'header-s3cret';
const URL_SECRET = 'url-s3cret';
const HIDDEN_PATH = `?token=${URL_SECRET}`;

/** Everything there is to say, for machines and for people. */
const LOGGING = {
  level: 'debug',
  transports: [
    { to: 'stdout', format: 'json' },
    { to: 'stderr', format: 'line' },
  ],
};

describe('Secrets', () => {
  let stage: Stage;
  let folder: string;
  beforeEach(async () => {
    folder = await temporaryFolder();
    stage = await openStage({
      [`/down${HIDDEN_PATH}`]: respond({ status: 500 }),
      [`/reset${HIDDEN_PATH}`]: reset,
      [`/moved${HIDDEN_PATH}`]: redirectTo(`http://user:${URL_SECRET}@nowhere.invalid:99999/`),
    });
  });
  afterEach(async () => {
    await stage.close();
    await rm(folder, { recursive: true });
  });

  it('of DSN, headers and URLs are in no log line, no metric and no explanation, whatever happens', async () => {
    const { ledger, website } = stage;
    const loggingFile = join(folder, 'logging.json');
    await writeFile(loggingFile, JSON.stringify(LOGGING));
    const dsn = new URL(ledger.dsn);
    dsn.password ||= 'dsn-s3cret'; // a server that trusts us asks for none, and takes any
    const flags = ['--logging-type=custom', `--logging-config-file=${loggingFile}`, '--enable-tracing'];
    const worker = await startWorker(dsn.href, ['--worker-id=discreet', ...flags]);
    await ledger.psql.query(
      `INSERT INTO monitored_targets (url, default_headers, check_interval)
       SELECT $1 || path || $2, jsonb_build_object('authorization', $3::text), '1 s'
       FROM unnest('{/up,/down,/reset,/moved}'::text[]) AS path`,
      [website.origin, HIDDEN_PATH, HEADER_SECRET],
    );
    await ledger.until('SELECT count(*) >= 4 FROM check_results');
    await ledger.rows(
      "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'discreet'",
    );
    await ledger.until('SELECT count(*) >= 8 FROM check_results');
    const metrics = await worker.get('/metrics');
    worker.signal('SIGTERM');
    await worker.ended;

    const details = await ledger.rows('SELECT cause, detail FROM failure_log');
    const told = [worker.output(), metrics, JSON.stringify(details)].join('\n');
    for (const path of ['/up', '/down', '/reset', '/moved'])
      expect(told).to.include(`${website.origin}${path}?…`);
    for (const secret of [dsn.password, HEADER_SECRET, URL_SECRET]) expect(told).to.not.include(secret);
    expect(website.requests[0], 'but the website was told').to.have.nested.property(
      'headers.authorization',
      HEADER_SECRET,
    );
  });
});
