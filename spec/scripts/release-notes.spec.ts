import { expect } from 'chai';
import { releaseNotes } from '../../scripts/support/release-notes.ts';
import { runScript } from '../support/run-script.ts';

const CHANGELOG = `# Changelog

## Unreleased

- New.

## 1.2.3

- Better.
- Faster.

## 1.2.30 (2026-01-01)

- Older.
`;

describe('npm run release-notes', () => {
  for (const [version, notes] of [
    ['1.2.3', '- Better.\n- Faster.'],
    ['1.2.30', '- Older.'],
  ] as const) {
    it(`has of ${version} its section of the changelog`, () => {
      expect(releaseNotes(`v${version}`, version, CHANGELOG)).to.equal(notes);
    });
  }

  for (const [what, tag, version, problem] of [
    ['the package has another version', 'v1.2.4', '1.2.3', /the tag must be v1\.2\.3: it is v1\.2\.4$/],
    ['the tag has no v', '1.2.3', '1.2.3', /the tag must be v1\.2\.3: it is 1\.2\.3$/],
    [
      'the changelog says nothing of it',
      'v2.0.0',
      '2.0.0',
      /no section "## 2\.0\.0": rename "## Unreleased"/,
    ],
  ] as const) {
    it(`refuses where ${what}`, () => {
      expect(() => releaseNotes(tag, version, CHANGELOG)).to.throw(problem);
    });
  }

  it('ends with 1 and one line for a tag that does not name this package', async () => {
    expect(await runScript('release-notes.ts', 'v0.0.0')).to.deep.include({ code: 1, stdout: '' });
  });
});
