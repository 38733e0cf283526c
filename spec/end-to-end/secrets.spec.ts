import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'chai';
import { type Act, redirectTo, reset, respond } from '../support/scripted-website.ts';
import { openStage, type Stage } from '../support/stage.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { startWorkerHere } from '../support/worker-here.ts';

const URL_SECRET = 'url-s3cret';
const HIDDEN_PATH = `?q=${URL_SECRET}`;

/** Each way to give a secret: the columns of a target, and what the website must be sent. */
const WAYS: Readonly<Record<string, { readonly columns: object; readonly sent: readonly [string, string] }>> =
  {
    header: {
      columns: { default_headers: { 'X-Own': 'header-s3cret' } },
      sent: ['x-own', 'header-s3cret'],
    },
    cookie: {
      columns: { default_headers: { Cookie: 'a=cookie-s3cret; b=1' } },
      sent: ['cookie', 'a=cookie-s3cret; b=1'],
    },
    basic: {
      columns: { basic_auth_user: 'user', basic_auth_password: 'basic-s3cret' },
      sent: ['authorization', `Basic ${btoa('user:basic-s3cret')}`],
    },
    bearer: {
      columns: { bearer_token: 'bearer-s3cret' },
      sent: ['authorization', 'Bearer bearer-s3cret'],
    },
    variable: {
      columns: { bearer_token: '${env:WEBSITE_MONITOR_SECRET_TOKEN}' },
      sent: ['authorization', 'Bearer variable-s3cret'],
    },
    file: {
      columns: { basic_auth_user: '${file:user}', basic_auth_password: '${file:password}' },
      sent: ['authorization', `Basic ${btoa('user:file-s3cret')}`],
    },
    body: {
      columns: { method: 'POST', request_body: 'password=body-s3cret' },
      sent: ['content-length', '20'],
    },
  };

/** Can be sent by nobody: the variable is not there, and the file has two lines. */
const UNSENDABLE = [
  { bearer_token: '${env:WEBSITE_MONITOR_SECRET_ABSENT}' },
  { bearer_token: '${file:lines}' },
];

/** What the website does, and so what there is to say of it. */
const ACTS: Readonly<Record<string, Act>> = {
  up: respond(),
  down: respond({ status: 500, body: URL_SECRET }),
  reset,
  moved: redirectTo(`http://user:${URL_SECRET}@nowhere.invalid:99999/`),
};

/** Everything there is to say, for machines and for people. */
const LOGGING = {
  level: 'debug',
  transports: [
    { to: 'stdout', format: 'json' },
    { to: 'stderr', format: 'line' },
  ],
};

/** All that people are shown who may not see the targets themselves. */
const TOLD = `
  SELECT (SELECT json_agg(failure_log) FROM failure_log) AS failures,
    (SELECT json_agg(incidents) FROM incidents) AS incidents,
    (SELECT json_agg(check_results) FROM check_results) AS results,
    (SELECT json_agg(targets) FROM targets) AS targets`;

describe('Secrets', () => {
  let stage: Stage;
  let folder: string;
  beforeEach(async () => {
    folder = await temporaryFolder();
    const acts = Object.entries(ACTS).flatMap(([path, act]) =>
      Object.keys(WAYS).map(way => [`/${way}/${path}${HIDDEN_PATH}`, act] as const),
    );
    stage = await openStage(Object.fromEntries(acts));
  });
  afterEach(async () => {
    await stage.close();
    await rm(folder, { recursive: true });
  });

  const addTargets = async () => {
    const { ledger, website } = stage;
    const ofWays = Object.entries(WAYS).flatMap(([way, { columns }]) =>
      Object.keys(ACTS).map(path => ({ ...columns, url: `${website.origin}/${way}/${path}${HIDDEN_PATH}` })),
    );
    const unsendable = UNSENDABLE.map((columns, index) => ({
      ...columns,
      url: `${website.origin}/unsendable/${index}${HIDDEN_PATH}`,
    }));
    const targets = [...ofWays, ...unsendable];
    await ledger.rows(
      `INSERT INTO monitored_targets (url, check_interval, method, default_headers, request_body,
         basic_auth_user, basic_auth_password, bearer_token)
       SELECT url, '1 s', coalesce(method, 'GET'), default_headers, request_body,
         basic_auth_user, basic_auth_password, bearer_token
       FROM json_populate_recordset(NULL::monitored_targets, $1)`,
      [JSON.stringify(targets)],
    );
    return targets.map(({ url }) => url);
  };

  it('are in no log line, metric, table, history or answer on health, whatever happens', async () => {
    const { ledger, website } = stage;
    const secretsFolder = join(folder, 'secrets');
    await mkdir(secretsFolder);
    await writeFile(join(secretsFolder, 'user'), 'user\n');
    await writeFile(join(secretsFolder, 'password'), 'file-s3cret\n');
    await writeFile(join(secretsFolder, 'lines'), 'lines-s3cret\nlines-s3cret\n');
    const loggingFile = join(folder, 'logging.json');
    await writeFile(loggingFile, JSON.stringify(LOGGING));
    const historyFile = join(folder, 'history');
    const dsn = new URL(ledger.dsn);
    dsn.password ||= 'dsn-s3cret'; // a server that trusts us asks for none, and takes any
    const worker = await startWorkerHere(
      dsn.href,
      [
        '--http-port=0',
        '--worker-id=discreet',
        '--logging-type=custom',
        `--logging-config-file=${loggingFile}`,
        '--enable-tracing',
        `--secrets-folder=${secretsFolder}`,
        `--history-file=${historyFile}`,
      ],
      { WEBSITE_MONITOR_SECRET_TOKEN: 'variable-s3cret' },
    );
    const health = async () => [await worker.get('/livez'), await worker.get('/readyz')];

    const urls = await addTargets();
    await ledger.until('SELECT count(DISTINCT target_id) = $1 FROM check_results', [urls.length]);
    const told: unknown[] = await health();
    const [{ last }] = (await ledger.rows('SELECT max(started_at)::text AS last FROM check_results')) as [
      { last: string },
    ];
    await ledger.rows(
      "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'discreet'",
    );
    told.push(...(await health()));
    await ledger.until('SELECT count(DISTINCT target_id) = $1 FROM check_results WHERE started_at > $2', [
      urls.length,
      last,
    ]);
    told.push(await worker.get('/metrics'));
    worker.signal('SIGTERM');
    await worker.ended;
    const tables = await ledger.rows(TOLD);
    told.push(worker.output(), await readFile(historyFile, 'utf8'), JSON.stringify(tables));

    const everything = told.join('\n');
    for (const url of urls) expect(worker.output()).to.include(`${url.split('?')[0]}?…`);
    for (const cause of [
      'http_status',
      'connection_reset',
      'invalid_redirect',
      'secret_unavailable',
      'request_invalid',
    ])
      expect(JSON.stringify(tables)).to.include(`"cause":"${cause}"`);
    for (const secret of ['s3cret', dsn.password, btoa('user:basic-s3cret'), btoa('user:file-s3cret')])
      expect(everything).to.not.include(secret);

    const requests = website.requests.filter(({ path }) => path?.includes('/up?'));
    for (const [way, { sent }] of Object.entries(WAYS)) {
      const [name, value] = sent;
      const request = requests.find(({ path }) => path === `/${way}/up${HIDDEN_PATH}`);
      expect(request?.headers, 'but the website was told').to.have.property(name, value);
    }
  });
});
