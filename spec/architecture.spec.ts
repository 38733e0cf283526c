import { globSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect } from 'chai';
import { ROOMS, roomsTable } from '../scripts/support/rooms.ts';

const ROOT = join(import.meta.dirname, '..');

const FILES_IN_A_FOLDER_MAX = 16;

interface Source {
  /** From the root of the repository */
  readonly file: string;
  /** The room of `lib` that it stands in, or the folder outside it */
  readonly room: string;
  readonly text: string;
  /** Files of ours that it imports, for values or for types */
  readonly files: readonly string[];
  /** Those of them that are loaded with it: not by `import()` */
  readonly filesAtOnce: readonly string[];
  /** Packages that it imports, without Node's own modules */
  readonly packages: readonly string[];
}

const isIn = (name: string, room: string): boolean => name === room || name.startsWith(`${room}/`);

/** The innermost room that holds the file. */
const roomOf = (file: string): string => {
  const place = file.replace(/^lib\//, '');
  const holding = Object.keys(ROOMS).filter(room => isIn(place, room));
  return holding.reduce((inner, room) => (room.length > inner.length ? room : inner), '') || dirname(place);
};

const packageOf = (specifier: string): string =>
  specifier
    .split('/')
    .slice(0, specifier.startsWith('@') ? 2 : 1)
    .join('/');

const readSource = (file: string): Source => {
  const text = readFileSync(join(ROOT, file), 'utf8');
  const found = text.matchAll(
    /^(?:import|export|\}).*?\bfrom '([^']+)'|^import '([^']+)'|\bimport\('([^']+)'\)/gm,
  );
  const imports = [...found].map(([, from, bare, later]) => ({ name: from ?? bare ?? later ?? '', later }));
  const specifiers = imports.map(({ name }) => name);
  const atOnce = imports.flatMap(({ name, later }) => (later === undefined ? name : []));
  const isOurs = (specifier: string): boolean => specifier.startsWith('.');
  return {
    file,
    room: roomOf(file),
    text,
    files: specifiers.filter(isOurs).map(specifier => join(dirname(file), specifier)),
    filesAtOnce: atOnce.filter(isOurs).map(specifier => join(dirname(file), specifier)),
    packages: specifiers.filter(name => !isOurs(name) && !name.startsWith('node:')).map(packageOf),
  };
};

const everything = globSync('{lib,scripts,bench}/**/*.ts', { cwd: ROOT }).map(readSource);
const sources = everything.filter(({ file }) => file.startsWith('lib/'));

const withoutComments = (text: string): string => text.replace(/^\s*(\/\*\*|\*|\/\/).*$|\s\/\/ .*$/gm, '');

const filesWith = (pattern: RegExp, isWanted: (source: Source) => boolean = () => true): string[] =>
  sources
    .filter(source => isWanted(source) && pattern.test(withoutComments(source.text)))
    .map(({ file }) => file);

/** The file, and whatever is loaded with it. */
const loadedWith = (file: string): readonly Source[] => {
  const names = new Set([file]); // a set goes on over what is added meanwhile
  for (const name of names)
    for (const source of sources)
      if (source.file === name) for (const imported of source.filesAtOnce) names.add(imported);
  return sources.filter(source => names.has(source.file));
};

/** What is left when every file that imports nothing of the rest, or that none of the rest imports, is gone. */
const filesInCircles = (rest: readonly Source[]): readonly string[] => {
  const names = new Set(rest.map(({ file }) => file));
  const imported = new Set(rest.flatMap(({ files }) => files));
  const kept = rest.filter(({ file, files }) => imported.has(file) && files.some(name => names.has(name)));
  return kept.length === rest.length ? rest.map(({ file }) => file) : filesInCircles(kept);
};

describe('The house', () => {
  it('has read its files and their imports', () => {
    expect(sources).to.have.length.above(100);
    const packages = new Set(sources.flatMap(source => source.packages));
    expect(packages).to.include.all.keys('rxjs', 'zod', 'prom-client', 'winston', '@opentelemetry/api');
    expect(sources.find(({ file }) => file === 'lib/main.ts')?.files).to.not.be.empty;
  });

  it('has a room for every file', () => {
    expect(sources.filter(({ room }) => !(room in ROOMS)).map(({ file }) => file)).to.deep.equal([]);
  });

  it('has a file in every room', () => {
    const rooms = new Set(sources.map(({ room }) => room));
    expect(Object.keys(ROOMS).filter(room => !rooms.has(room))).to.deep.equal([]);
  });

  for (const [room, { imports, packages }] of Object.entries(ROOMS)) {
    it(`lets ${room} import ${[...imports, ...packages].join(', ') || 'nothing'} beside itself`, () => {
      const trespasses = sources
        .filter(source => source.room === room)
        .flatMap(source => [
          ...source.files
            .filter(file => ![room, ...imports].some(allowed => isIn(roomOf(file), allowed)))
            .map(file => `${source.file} imports ${file}`),
          ...source.packages
            .filter(name => !packages.includes(name))
            .map(name => `${source.file} imports ${name}`),
        ]);
      expect(trespasses).to.deep.equal([]);
    });
  }

  it('matches the table in docs/ARCHITECTURE.md', () => {
    const document = readFileSync(join(ROOT, 'docs/ARCHITECTURE.md'), 'utf8');
    expect(document).to.include(`<!-- rooms -->\n${roomsTable()}\n<!-- /rooms -->`);
  });

  it('has no files that import each other in a circle', () => {
    expect(filesInCircles(everything)).to.deep.equal([]);
  });

  it(`has at most ${FILES_IN_A_FOLDER_MAX} files side by side`, () => {
    const folders = Map.groupBy(everything, ({ file }) => dirname(file));
    const full = [...folders].filter(([, files]) => files.length > FILES_IN_A_FOLDER_MAX);
    expect(full.map(([folder, files]) => `${folder}: ${files.length}`)).to.deep.equal([]);
  });

  for (const entry of ['index.ts', 'postgres.ts']) {
    it(`loads none of the packages that only the command needs from ${entry}`, () => {
      const packages = new Set(loadedWith(`lib/${entry}`).flatMap(source => source.packages));
      expect(packages).to.include('pg');
      const ofTheCommand = /^(@opentelemetry\/|csv-|got$|nodemailer$|prom-client$|winston$)/;
      expect([...packages].filter(name => ofTheCommand.test(name))).to.deep.equal([]);
    });
  }

  it('reads the environment in main.ts alone', () => {
    expect(filesWith(/\bprocess\.env\b/, ({ room }) => room !== 'main.ts')).to.deep.equal([]);
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
    expect(filesWith(impure, ({ room }) => isIn(room, 'domain'))).to.deep.equal([]);
  });

  it('writes to the console through the log alone', () => {
    expect(filesWith(/\bconsole\.\w+\(/, ({ room }) => room !== 'main.ts')).to.deep.equal([]);
  });
});
