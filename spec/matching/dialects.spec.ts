import { readFileSync } from 'node:fs';
import { expect } from 'chai';
import pg from 'pg';
import { search } from '../../lib/matching/search.ts';
import { patternsTable } from '../../scripts/support/patterns-table.ts';
import { DIALECTS, type Dialect, ENGINES, meaningOf, type Result } from '../support/pattern-dialects.ts';
import { psqlLike, type TestDatabase, testDatabase } from '../support/postgres.ts';

const titleOf = ({ construct, pattern }: Dialect): string => `${construct}, as in ${pattern || 'none'}`;

describe('The dialect of patterns', () => {
  const ourResult = (pattern: string, subject: string): Result => {
    const { kind } = search(pattern, subject);
    return kind === 'found' || kind === 'absent' ? kind : 'refused';
  };

  const javascriptResult = (pattern: string, subject: string, flags: string): Result => {
    try {
      return new RegExp(pattern, flags).test(subject) ? 'found' : 'absent';
    } catch {
      return 'refused';
    }
  };

  describe('of RE2, which we use', () => {
    for (const dialect of DIALECTS) {
      it(titleOf(dialect), () => {
        const { pattern, subjects, results } = dialect;
        expect(subjects.map(subject => ourResult(pattern, subject))).to.deep.equal(results.re2);
      });
    }
  });

  describe('of JavaScript, without flags and with u', () => {
    for (const dialect of DIALECTS) {
      it(titleOf(dialect), () => {
        const { pattern, subjects, results } = dialect;
        const found = (flags: string) => subjects.map(subject => javascriptResult(pattern, subject, flags));
        expect(found(''), 'no flag').to.deep.equal(results.javascript);
        expect(found('u'), 'u').to.deep.equal(results.javascriptU);
      });
    }
  });

  describe('of PostgreSQL, in the Unicode locale', () => {
    let test: TestDatabase;
    let psql: pg.Client;
    before(async () => {
      test = await testDatabase();
      psql = await psqlLike(test.dsn);
    });
    after(async () => {
      await psql.end();
      await test.drop();
    });

    const postgresResult = async (
      pattern: string,
      subject: string,
      collation = 'und-x-icu',
    ): Promise<Result> => {
      try {
        const text = `SELECT $1::text COLLATE "${collation}" ~ $2 AS found`;
        const { rows } = await psql.query<{ found: boolean }>(text, [subject, pattern]);
        return rows[0]?.found ? 'found' : 'absent';
      } catch (error) {
        if (error instanceof pg.DatabaseError && error.code === '2201B') return 'refused';
        throw error; // anything but "invalid regular expression"
      }
    };

    for (const dialect of DIALECTS) {
      it(titleOf(dialect), async () => {
        const { pattern, subjects, results } = dialect;
        const found: Result[] = [];
        for (const subject of subjects) found.push(await postgresResult(pattern, subject));
        expect(found).to.deep.equal(results.postgres);
      });
    }

    it('has classes of ASCII alone where the locale is C', async () => {
      for (const [pattern, subject] of [
        ['\\d', '٣'],
        ['\\w', 'é'],
        ['\\s', '\u00a0'],
        ['[[:alpha:]]', 'é'],
        ['(?i)é', 'É'],
      ] as const)
        expect(await postgresResult(pattern, subject, 'C'), pattern).to.equal('absent');
    });
  });

  describe('has recipes in docs/PATTERNS.md', () => {
    const recipes: readonly [pattern: string, found: string, absent: string][] = [
      ['(?i)welcome', 'WelCome', 'well come'],
      ['\\berror\\b', 'an error.', 'no errors'],
      ['(?:^|\\PL)café(?:\\PL|$)', 'un café', 'cafés'],
      ['\\Qv1.2 (stable)\\E', 'is v1.2 (stable)', 'is v1x2 (stable)'],
      ['ready|degraded', 'it is degraded', 'it is down'],
      ['(?s)head.*tail|tail.*head', 'tail\nhead', 'head head'],
      ['(?s)<h1>.*Welcome', '<h1>\nWelcome', 'Welcome\n<h1>'],
      ['(?m)^status: ok\\r?$', 'a\r\nstatus: ok\r\n', 'a\nstatus: okay\n'],
      ['"status"\\s*:\\s*"ok"', '{"status": "ok"}', '{"status": "not ok"}'],
      ['^\\s*OK\\s*$', '\nOK\n', 'NOT\nOK\n'],
      ['\\x{2713}', '✓', '✗'],
    ];
    const document = readFileSync('docs/PATTERNS.md', 'utf8');
    for (const [pattern, found, absent] of recipes) {
      it(pattern, () => {
        expect(document).to.include(`\`${pattern.replaceAll('|', '\\|')}\` |`);
        expect([found, absent].map(body => ourResult(pattern, body))).to.deep.equal(['found', 'absent']);
      });
    }
    it('and no others', () => {
      const [, section = ''] = /## Recipes\n(.*?)\n## /s.exec(document) ?? [];
      expect(section.match(/^\| .* \| `.*` \|$/gm)).to.have.length(recipes.length);
    });
  });

  describe('has a table', () => {
    it('that stands in docs/PATTERNS.md as the dialects have it', () => {
      expect(readFileSync('docs/PATTERNS.md', 'utf8')).to.include(
        `<!-- patterns -->\n${patternsTable()}\n<!-- /patterns -->`,
      );
    });

    it('with a result of every engine for every subject', () => {
      expect(DIALECTS).to.have.length.above(50);
      for (const { pattern, subjects, results } of DIALECTS)
        for (const engine of ENGINES)
          expect(results[engine], `${pattern} ${engine}`).to.have.length(subjects.length);
    });

    for (const dialect of DIALECTS) {
      it(`that says where engines differ on ${titleOf(dialect)}`, () => {
        const meaning = meaningOf(dialect);
        for (const engine of ENGINES) {
          const results = dialect.results[engine];
          const note = dialect.notes[engine];
          if (results.includes('refused')) expect(note ?? '✗', engine).to.match(/^✗/);
          else if (note === undefined) expect(results, engine).to.deep.equal(meaning);
          else expect(results, engine).to.not.deep.equal(meaning);
        }
      });
    }
  });
});
