/** What a room of `lib` may import besides itself. A room inside another may import only what it lists itself. */
interface Room {
  readonly imports: readonly string[];
  readonly packages: readonly string[];
}

const OPEN_TELEMETRY = [
  'api',
  'core',
  'exporter-metrics-otlp-proto',
  'exporter-trace-otlp-proto',
  'resources',
  'sdk-metrics',
  'sdk-trace',
].map(name => `@opentelemetry/${name}`);

const room = (imports: string, packages = ''): Room => ({
  imports: imports.split(' ').filter(Boolean),
  packages: packages.split(' ').filter(Boolean),
});

/** Top down: an entry imports only rooms below it. A name stands for the rooms inside it too. */
export const ROOMS: Readonly<Record<string, Room>> = {
  'main.ts': room('app domain'),
  'index.ts': room('alerting app checking domain matching net/names probe secrets targets'),
  'postgres.ts': room('postgres bundled-postgres'),
  'operators.ts': room('operators'),
  app: room(
    'commands web channels bundled-postgres config files heartbeat history log matching metrics net postgres probe secrets telemetry checking alerting targets domain',
    'lru-cache rxjs',
  ),
  commands: room(
    'bundled-postgres channels config files log matching net postgres probe secrets sql checking alerting targets domain',
    'csv-stringify rxjs',
  ),
  web: room('domain'),
  'web/serving': room('web postgres metrics domain'),
  config: room('channels/address targets domain', 'zod'),
  probe: room('net checking domain', 'html-encoding-sniffer rxjs tough-cookie'),
  'probe/exchange': room('probe/body probe/request net checking domain'),
  'probe/request': room('probe/body net checking domain', 'tough-cookie'),
  'probe/body': room('', 'html-encoding-sniffer'),
  'net/connection': room('net/failure net/guard net/names net/timing domain'),
  'net/guard': room('net/names domain', 'ipaddr.js'),
  'net/names': room('files domain', 'ipaddr.js lru-cache'),
  'net/failure': room('net/timing domain'),
  'net/timing': room('domain'),
  channels: room('net alerting checking domain', 'got nodemailer rxjs'),
  'channels/kinds': room('channels/address channels/wording alerting domain'),
  'channels/wording': room('alerting domain'),
  'channels/address': room('alerting domain'),
  postgres: room('sql checking alerting targets operators domain', 'lru-cache pg pg-listen rxjs'),
  'bundled-postgres': room('sql', 'pg'),
  heartbeat: room('checking domain', 'got rxjs'),
  matching: room('checking domain', 'lru-cache re2js'),
  metrics: room('checking alerting domain', 'prom-client'),
  telemetry: room('checking domain', ['rxjs', ...OPEN_TELEMETRY].join(' ')),
  log: room('files domain', 'rxjs winston zod'),
  history: room('checking domain'),
  secrets: room('files checking domain', 'lru-cache'),
  files: room(''),
  sql: room(''),
  checking: room('operators domain', 'lru-cache rxjs'),
  alerting: room('operators domain', 'rxjs'),
  targets: room('files domain', 'csv-parse zod'),
  operators: room('', 'rxjs'),
  'domain/check': room('domain'),
  'domain/target': room('domain'),
  domain: room(''),
};

/** The rooms as `docs/ARCHITECTURE.md` shows them, in Markdown. */
export function roomsTable(): string {
  const rows = Object.entries(ROOMS).map(
    ([name, { imports, packages }]) => `| \`${name}\` | ${codes(imports)} | ${codes(packages)} |`,
  );
  return ['| room | may import | packages |', '| --- | --- | --- |', ...rows].join('\n');
}

const codes = (names: readonly string[]): string => names.map(name => `\`${name}\``).join(', ') || '–';
