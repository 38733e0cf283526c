import { existsSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { expect } from 'chai';
import { FLAGS } from '../lib/config/settings.ts';
import {
  COLUMNS_OF_SCHEMA,
  type Column,
  documentedColumns,
  type KnownColumn,
} from './support/documented-columns.ts';
import { anchorsOf, blocksOf, documentAt, documents, linksOf } from './support/markdown.ts';
import { type MigratedDatabase, migratedDatabase } from './support/migrated-database.ts';
import { unplainWords, unplainWordsIn } from './support/plain-words.ts';

const CHECKOUT = join(import.meta.dirname, '..');

/** Flags of other programs, and of our scripts, which say what theirs are themselves. */
const FLAGS_OF_OTHERS = new Map([
  ['git, npm, npx', ['--global', '--omit', '--no-git-tag-version']],
  ['docker', ['--tag', '--read-only', '--cap-drop', '--stop-timeout', '--env', '--rm']],
  ['docker compose', ['--build', '--detach', '--wait', '--scale']],
  ['kubectl, systemctl', ['--from-literal', '--now']],
  ['scripts', ['--output', '--minutes', '--seed', '--metrics-url']],
  ['node', ['--expose-gc', '--cpu-prof']],
  ['all of ours', ['--help', '--version', '--no-migrate', '--no-resolved']],
]);

const PROSE_COLUMNS_MAX = 120;

describe('The documents', () => {
  const all = documents();

  it('include the README, the index and the reference', () => {
    expect(all.map(({ path }) => path)).to.include.members(['README.md', 'docs/README.md', 'docs/SQL.md']);
  });

  it('begin with a README of at most 200 lines', () => {
    expect(documentAt('README.md').text.trimEnd().split('\n')).to.have.length.at.most(200);
  });

  it(`break prose at ${PROSE_COLUMNS_MAX} columns`, () => {
    const long = all.flatMap(({ path, prose }) =>
      prose
        .split('\n')
        .filter(line => line.length > PROSE_COLUMNS_MAX && !isUnbreakable(line))
        .map(line => `${path}: ${line}`),
    );
    expect(long).to.deep.equal([]);
  });

  it('use plain words, as do the sources', () => {
    expect(unplainWords()).to.deep.equal([]);
  });

  it('would fail with file, line and what to write instead, also for a phrase over two lines', () => {
    expect(unplainWordsIn('/**\n * A worker is\n * told of it.\n */')).to.deep.equal([
      ':2: "is\\n * told of", write "is reported"',
    ]);
  });

  it('have no broken links', () => {
    const broken = all.flatMap(document =>
      linksOf(document)
        .filter(link => !/^[a-z]+:/.test(link))
        .filter(link => !leads(document.path, link))
        .map(link => `${document.path}: ${link}`),
    );
    expect(broken).to.deep.equal([]);
  });

  it('are all listed in docs/README.md', () => {
    const listed = linksOf(documentAt('docs/README.md')).map(link => join('docs', link.replace(/#.*/, '')));
    const ours = all.map(({ path }) => path).filter(path => /^(docs\/)?[^/]+$/.test(path));
    expect(listed).to.include.members(ours.filter(path => path !== 'docs/README.md'));
  });

  it('name only npm scripts that package.json has', () => {
    const { scripts } = JSON.parse(readFileSync(join(CHECKOUT, 'package.json'), 'utf8'));
    const named = all.flatMap(({ path, text }) =>
      [...text.matchAll(/npm run (?:-s |--silent )?([a-z][a-z:-]*)/g)].map(([, name = '']) => ({
        path,
        name,
      })),
    );
    expect(named).to.be.an('array').that.is.not.empty;
    expect(named.filter(({ name }) => !(name in scripts))).to.deep.equal([]);
  });

  it('name only flags that exist', () => {
    const known = new Set(
      [...[...FLAGS.values()].map(({ flag }) => flag), ...FLAGS_OF_OTHERS.values()].flat(),
    );
    const strange = all
      .filter(({ path }) => !/^(bench|docs\/decisions|CHANGELOG)/.test(path)) // what was, too
      .flatMap(({ path, text }) =>
        [...text.matchAll(/(?<![\w<!-])--[a-z][a-z-]+/g)]
          .filter(([flag]) => !known.has(flag))
          .map(([flag]) => `${path}: ${flag}`),
      );
    expect(strange).to.deep.equal([]);
  });

  describe('of the database', () => {
    let migrated: MigratedDatabase;
    before(async () => {
      migrated = await migratedDatabase();
    });
    after(() => migrated.drop());
    beforeEach(() => migrated.psql.query('BEGIN'));
    afterEach(() => migrated.psql.query('ROLLBACK'));

    for (const document of all) {
      for (const [index, block] of blocksOf(document, 'sql').entries()) {
        it(`run: ${document.path}, block ${index + 1}`, async () => {
          await migrated.psql.query(block);
        });
      }
    }

    it('list in docs/SQL.md every column with its type, or say to leave its table alone', async () => {
      const document = documentAt('docs/SQL.md');
      const documented = documentedColumns(document);
      const known = await migrated.rows<KnownColumn>(COLUMNS_OF_SCHEMA);
      const [, apart = ''] = /^\| leave alone \| (.*?) \|/m.exec(document.text) ?? [];
      const columns = known.filter(({ relation }) => !apart.includes(`\`${relation}\``));
      const shown = ({ relation, name, type, nullable }: Column, isView: boolean) =>
        `${relation}.${name} ${type}${nullable && !isView ? ' null' : ''}`;
      const views = new Set(known.filter(({ of_view }) => of_view).map(({ relation }) => relation));
      expect(documented.map(column => shown(column, views.has(column.relation)))).to.have.members(
        columns.map(column => shown(column, column.of_view)),
      );
    });

    it('explain columns in docs/SQL.md as the comments in the database do', async () => {
      const meanings = new Map(
        documentedColumns(documentAt('docs/SQL.md')).map(one => [`${one.relation}.${one.name}`, one.meaning]),
      );
      const commented = (await migrated.rows<KnownColumn>(COLUMNS_OF_SCHEMA)).flatMap(
        ({ relation, name, comment }) =>
          comment === null ? [] : [{ column: `${relation}.${name}`, comment }],
      );
      expect(commented).to.not.be.empty;
      expect(
        commented.filter(({ column, comment }) => !meanings.get(column)?.startsWith(comment)),
      ).to.deep.equal([]);
    });

    it('name in docs/SQL.md only existing functions, with their parameters', async () => {
      const named = [...documentAt('docs/SQL.md').text.matchAll(/^\| `(\w+)\(([^)]*)\)` \|/gm)];
      const functions = await migrated.rows<{ name: string; parameters: string }>(
        `SELECT proname AS name, array_to_string(proargnames[1:pronargs], ', ') AS parameters
         FROM pg_proc WHERE pronamespace = 'website_monitor'::regnamespace AND proname = ANY ($1)`,
        [named.map(([, name]) => name)],
      );
      expect(named).to.not.be.empty;
      expect(functions).to.have.deep.members(named.map(([, name, parameters]) => ({ name, parameters })));
    });
  });
});

/** Whether the line is a row of a table, or nothing but one link or URL. */
const isUnbreakable = (line: string): boolean =>
  /^\s*\||^\s*(?:- )?(?:\[[^\]]*\]\(\S+\)|https?:\S+)\.?$/.test(line);

/** Whether there is such a file or folder, and in it such a heading. */
function leads(from: string, link: string): boolean {
  const [path = '', anchor] = link.split('#');
  const target = path === '' ? from : relative(CHECKOUT, join(CHECKOUT, dirname(from), path));
  if (!existsSync(join(CHECKOUT, target))) return false;
  return anchor === undefined || (target.endsWith('.md') && anchorsOf(documentAt(target)).has(anchor));
}
