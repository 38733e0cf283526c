import { expect } from 'chai';
import { afterMs, hang, reset, respond } from '../support/scripted-website.ts';
import { openStage, type Stage } from '../support/stage.ts';
import { startWorkerHere } from '../support/worker-here.ts';

/** Sooner than the look every 15 seconds that would find it anyway. */
const AT_ONCE = '10 s';

/** From the row that a user writes to the row that he reads. */
describe('A target', () => {
  let stage: Stage;
  before(async () => {
    stage = await openStage({
      '/hello': respond({ body: 'Hello, World' }),
      '/broken': respond({ status: 500, body: 'Hello, World' }),
      '/reset': reset,
      '/slow': afterMs(1_300, respond()),
      '/silent': hang,
    });
    await startWorkerHere(stage.ledger.dsn, ['--max-timeout=1']);
  });
  after(() => stage.close());

  interface Columns {
    readonly path: string;
    readonly check_interval?: string;
    readonly [column: string]: unknown;
  }

  /** As a user does it, in a session of his own. @returns its id */
  const insert = async ({ path, ...more }: Columns): Promise<string> => {
    const columns = { check_interval: '30 d', ...more, url: stage.website.origin + path };
    const places = Object.keys(columns).map((_, index) => `$${index + 1}`);
    const [row] = await stage.ledger.rows<{ id: string }>(
      `INSERT INTO monitored_targets (${Object.keys(columns)}) VALUES (${places}) RETURNING id`,
      Object.values(columns),
    );
    return row?.id ?? '';
  };
  const recorded = async (id: string, checks = 1): Promise<Record<string, unknown>> => {
    await stage.ledger.until('SELECT count(*) >= $2 FROM check_results WHERE target_id = $1', [id, checks]);
    const [latest] = await stage.ledger.rows(
      `SELECT outcome, cause, http_status, regex_match, target_version,
         started_at - scheduled_at < interval '${AT_ONCE}' AS at_once
       FROM check_results WHERE target_id = $1 ORDER BY scheduled_at DESC LIMIT 1`,
      [id],
    );
    return latest ?? {};
  };

  it('is checked at once when another program inserts it, and its check is recorded', async () => {
    const id = await insert({
      path: '/inserted',
      method: 'POST',
      default_headers: { 'x-from': 'the monitor' },
    });
    await stage.requested(1, '/inserted');
    expect(stage.website.requests.at(-1)).to.deep.include({ method: 'POST', path: '/inserted' });
    expect(stage.website.requests.at(-1)?.headers).to.include({ 'x-from': 'the monitor' });
    expect(await recorded(id)).to.deep.equal({
      outcome: 'up',
      cause: null,
      http_status: 200,
      regex_match: null,
      target_version: 1,
      at_once: true,
    });
  });

  const verdicts: [sentence: string, target: Columns, expected: Record<string, unknown>][] = [
    [
      'is up when its pattern occurs in the body',
      { path: '/hello', regex_pattern: 'W.rld' },
      { outcome: 'up', regex_match: true },
    ],
    [
      'is down when its pattern does not',
      { path: '/hello', regex_pattern: '^World' },
      { outcome: 'down', cause: 'regex_mismatch', regex_match: false },
    ],
    [
      'is neither when its pattern is none: unknown',
      { path: '/hello', regex_pattern: '(' },
      { outcome: 'unknown', cause: 'regex_invalid', regex_match: null },
    ],
    [
      'is down with status 500',
      { path: '/broken' },
      { outcome: 'down', cause: 'http_status', http_status: 500 },
    ],
    [
      'is down when the website resets the connection',
      { path: '/reset' },
      { outcome: 'down', cause: 'connection_reset' },
    ],
    [
      'is down when no answer comes within the service’s timeout',
      { path: '/slow' },
      { outcome: 'down', cause: 'response_timeout' },
    ],
    ['may have a longer timeout of its own', { path: '/slow', timeout: '5 s' }, { outcome: 'up' }],
    [
      'may have a shorter timeout of its own',
      { path: '/silent', timeout: '100 ms' },
      { outcome: 'down', cause: 'response_timeout' },
    ],
  ];
  for (const [sentence, target, expected] of verdicts) {
    it(sentence, async () => {
      expect(await recorded(await insert(target))).to.deep.include(expected);
    });
  }

  it('has every check that is not up in the failure log, with what was checked', async () => {
    const id = await insert({ path: '/broken', default_headers: { authorization: 'Bearer s3cret' } });
    await recorded(id);
    const [row] = await stage.ledger.rows(
      'SELECT cause, detail, http_status, target_snapshot FROM failure_log WHERE target_id = $1',
      [id],
    );
    expect(row).to.deep.include({
      cause: 'http_status',
      detail: 'the final status is 500',
      http_status: 500,
    });
    expect(row?.target_snapshot).to.deep.include({
      url: `${stage.website.origin}/broken`,
      headers: ['authorization'],
    });
  });

  for (const [column, value] of [
    ['method', 'HEAD'],
    ['default_headers', { accept: 'text/html' }],
    ['regex_pattern', '.'],
    ['check_interval', '2 h'],
    ['timeout', '800 ms'],
  ] as const) {
    it(`is checked anew at once when its ${column} is edited`, async () => {
      const id = await insert({ path: `/edited-${column}` });
      await recorded(id);
      await stage.ledger.psql.query(`UPDATE monitored_targets SET ${column} = $1 WHERE id = $2`, [value, id]);
      await stage.requested(2, `/edited-${column}`);
      expect(await recorded(id, 2)).to.include({ target_version: 2, at_once: true });
    });
  }

  it('is asked for at its new url at once when that is edited', async () => {
    const id = await insert({ path: '/old' });
    await recorded(id);
    await stage.ledger.psql.query(
      "UPDATE monitored_targets SET url = replace(url, 'old', 'new') WHERE id = $1",
      [id],
    );
    await stage.requested(1, '/new');
    expect(await recorded(id, 2)).to.include({ target_version: 2, at_once: true });
  });

  for (const [change, statement] of [
    ['disabled', 'UPDATE monitored_targets SET enabled = false WHERE id = $1'],
    ['deleted', 'DELETE FROM monitored_targets WHERE id = $1'],
  ] as const) {
    it(`has no slot from the moment on that it is ${change}, and keeps its history`, async () => {
      const { ledger, requestsByUrl, website } = stage;
      const path = `/${change}`;
      const id = await insert({ path, check_interval: '1 s' });
      const witness = await insert({ path: `/while-${change}`, check_interval: '1 s' });
      await recorded(id, 2);
      await ledger.psql.query(statement, [id]);
      const [now] = await ledger.rows<{ text: string }>('SELECT clock_timestamp()::text AS text');
      await ledger.until(
        "SELECT max(scheduled_at) > $2::timestamptz + interval '1.2 s' FROM check_results WHERE target_id = $1",
        [witness, now?.text],
      );
      const slots = await ledger.rows<{ is_later: boolean }>(
        'SELECT scheduled_at > $2 AS is_later FROM check_results WHERE target_id = $1',
        [id, now?.text],
      );
      expect(slots.map(({ is_later }) => is_later))
        .to.include(false)
        .and.not.include(true);
      expect(requestsByUrl()[website.origin + path]).to.equal(slots.length);
      await ledger.psql.query('DELETE FROM monitored_targets WHERE id = $1', [witness]);
    });
  }

  it('is checked at once when it is enabled', async () => {
    const id = await insert({ path: '/enabled', enabled: false });
    await stage.ledger.psql.query('UPDATE monitored_targets SET enabled = true WHERE id = $1', [id]);
    await stage.requested(1, '/enabled');
    expect(await recorded(id)).to.include({ outcome: 'up', target_version: 2, at_once: true });
  });
});

describe('A target of a worker with --raise-for-status=false', () => {
  it('is up whatever the status, so long as its pattern occurs', async () => {
    const stage = await openStage({ '*': respond({ status: 500, body: 'sorry' }) });
    try {
      await startWorkerHere(stage.ledger.dsn, ['--raise-for-status=false']);
      await stage.ledger.psql.query(
        `INSERT INTO monitored_targets (url, regex_pattern, check_interval)
         SELECT $1, pattern, '30 d' FROM unnest(ARRAY[NULL, 'sorry', 'welcome']) AS pattern`,
        [stage.website.origin],
      );
      await stage.ledger.until('SELECT count(*) = 3 FROM check_results');
      const rows = await stage.ledger.rows('SELECT outcome, cause FROM check_results ORDER BY target_id');
      expect(rows).to.deep.equal([
        { outcome: 'up', cause: null },
        { outcome: 'up', cause: null },
        { outcome: 'down', cause: 'regex_mismatch' },
      ]);
    } finally {
      await stage.close();
    }
  });
});
