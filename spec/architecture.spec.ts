import { globSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect } from 'chai';

const LIB = join(import.meta.dirname, '../lib');

interface Source {
  readonly file: string;
  /** The room of the house that it stands in */
  readonly room: string;
  readonly text: string;
  /** Rooms, packages, and `node:` for Node's own modules */
  readonly imports: readonly string[];
}

const CORE = ['domain', 'ports', 'operators', 'rxjs'];
const ADAPTER = [...CORE, 'node:'];

const OPEN_TELEMETRY = [
  'api',
  'core',
  'exporter-metrics-otlp-proto',
  'exporter-trace-otlp-proto',
  'resources',
  'sdk-metrics',
  'sdk-trace',
].map(name => `@opentelemetry/${name}`);

/** What each room may import beside itself; `main` and `index` may import everything. */
const MAY_IMPORT: Readonly<Record<string, readonly string[]>> = {
  domain: [],
  operators: ['rxjs'],
  ports: ['domain', 'rxjs'],
  pipeline: CORE,
  embedding: [...CORE, 'pipeline', 'postgres', 'http', 'matching', 'node:'],
  postgres: [...ADAPTER, 'pg', 'pg-listen'],
  http: [...ADAPTER, 'got', 'tough-cookie'],
  matching: [...ADAPTER, 're2js'],
  metrics: [...ADAPTER, 'prom-client'],
  history: ['domain', 'ports', 'node:'],
  log: [...ADAPTER, 'winston', 'zod'],
  config: ['domain', 'zod', 'node:'],
  telemetry: [...ADAPTER, ...OPEN_TELEMETRY],
};

/** Files of a room that do not have its name. */
const ROOMS: Readonly<Record<string, string>> = {
  'check-slot': 'pipeline',
  'check-target': 'pipeline',
  'create-monitor': 'embedding',
  commands: 'main',
  service: 'main',
  observe: 'main',
  'tell-all': 'ports',
  'run-until-stopped': 'main',
  'stop-signal': 'main',
};

const roomOf = (file: string): string => {
  const [first = ''] = file.replace(/\.ts$/, '').split('/');
  return ROOMS[first] ?? first;
};

const importOf = (file: string, specifier: string): string => {
  if (specifier.startsWith('.')) return roomOf(join(dirname(file), specifier));
  return specifier.startsWith('node:') ? 'node:' : specifier;
};

const readSource = (file: string): Source => {
  const text = readFileSync(join(LIB, file), 'utf8');
  const found = text.matchAll(
    /^(?:import|export|\}).*?\bfrom '([^']+)'|^import '([^']+)'|\bimport\('([^']+)'\)/gm,
  );
  const specifiers = [...found].map(([, from, bare, dynamic]) => from ?? bare ?? dynamic ?? '');
  return { file, room: roomOf(file), text, imports: specifiers.map(specifier => importOf(file, specifier)) };
};

const sources = globSync('**/*.ts', { cwd: LIB }).map(readSource);

const withoutComments = (text: string): string => text.replace(/^\s*(\/\*\*|\*|\/\/).*$|\s\/\/ .*$/gm, '');

const filesWith = (pattern: RegExp, isWanted: (source: Source) => boolean = () => true): string[] =>
  sources
    .filter(source => isWanted(source) && pattern.test(withoutComments(source.text)))
    .map(({ file }) => file);

describe('The house', () => {
  it('has read its files and their imports', () => {
    expect(sources).to.have.length.above(20);
    const packages = new Set(sources.flatMap(({ imports }) => imports));
    expect(packages).to.include.all.keys('rxjs', 'zod', 'prom-client', 'winston', 'domain', 'ports', 'node:');
  });

  it('has a room for every file', () => {
    const rooms = [...Object.keys(MAY_IMPORT), 'main', 'index'];
    expect(sources.filter(({ room }) => !rooms.includes(room)).map(({ file }) => file)).to.deep.equal([]);
  });

  for (const [room, allowed] of Object.entries(MAY_IMPORT)) {
    it(`lets ${room} import ${allowed.join(', ') || 'nothing'} beside itself`, () => {
      const trespasses = sources
        .filter(source => source.room === room)
        .flatMap(({ file, imports }) =>
          imports
            .filter(name => name !== room && !allowed.includes(name))
            .map(name => `${file} imports ${name}`),
        );
      expect(trespasses).to.deep.equal([]);
    });
  }

  it('reads the environment in main.ts alone', () => {
    expect(filesWith(/\bprocess\.env\b/, ({ room }) => room !== 'main')).to.deep.equal([]);
  });

  it('has no SQL text in lib', () => {
    const sql =
      /\b(select\s[^'"]*\sfrom|select \w+\(|insert into|update \w+ set|delete from|(create|alter|drop) (table|schema|function|index)|set search_path)\b/i;
    expect(filesWith(sql)).to.deep.equal([]);
  });

  it('has no classes but errors', () => {
    expect(filesWith(/\bclass \w+(?! extends \w*Error\b)\b/)).to.deep.equal([]);
  });

  it('writes the ending of every relative import', () => {
    expect(filesWith(/from '\.[^']*(?<!\.ts)'/)).to.deep.equal([]);
  });

  it('keeps the domain free of clocks and chance', () => {
    const impure = /\b(Date\.now|new Date\(\)|Math\.random|performance\.|setTimeout|process\.|console\.)/;
    expect(filesWith(impure, ({ room }) => room === 'domain')).to.deep.equal([]);
  });

  it('writes to the console through the log alone', () => {
    expect(filesWith(/\bconsole\.\w+\(/, ({ room }) => room !== 'main')).to.deep.equal([]);
  });
});
