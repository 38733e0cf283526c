import { mkdirSync, mkdtempSync, renameSync, rmSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import sinon from 'sinon';
import { createSecrets } from '../../lib/secrets/create-secrets.ts';

const ENVIRONMENT = {
  WEBSITE_MONITOR_SECRET_TOKEN: 's3cret',
  WEBSITE_MONITOR_SECRET_EMPTY: '',
  WEBSITE_MONITOR_SECRET_NESTED: '${env:WEBSITE_MONITOR_SECRET_TOKEN}',
  WEBSITE_MONITOR_SECRET_: 'no name of its own',
  WEBSITE_MONITOR_DSN: 'postgres://me:s3cret@host/db',
  PATH: '/usr/bin',
};

describe('createSecrets', () => {
  let folder: string;
  let clock: sinon.SinonFakeTimers;
  beforeEach(() => {
    clock = sinon.useFakeTimers({ toFake: ['performance'] });
    folder = mkdtempSync(join(tmpdir(), 'website-monitor-secrets-'));
    mkdirSync(join(folder, 'secrets'));
  });
  afterEach(() => {
    clock.restore();
    rmSync(folder, { recursive: true });
  });

  const write = (name: string, text: string | Uint8Array): void =>
    writeFileSync(join(folder, 'secrets', name), text);
  const create = () => createSecrets({ environment: ENVIRONMENT, folder: join(folder, 'secrets') });

  describe('leaves alone a text that is not a reference', () => {
    for (const text of [
      '',
      's3cret',
      'Bearer ${env:WEBSITE_MONITOR_SECRET_TOKEN}',
      '${env:WEBSITE_MONITOR_SECRET_TOKEN} ',
      '${env:WEBSITE_MONITOR_SECRET_TOKEN}\n',
      '${env:WEBSITE_MONITOR_SECRET_TOKEN}${env:WEBSITE_MONITOR_SECRET_TOKEN}',
      '${ENV:WEBSITE_MONITOR_SECRET_TOKEN}',
      '${WEBSITE_MONITOR_SECRET_TOKEN}',
      '$env:WEBSITE_MONITOR_SECRET_TOKEN',
      '${vault:token}',
      '{{token}}',
    ]) {
      it(JSON.stringify(text), () => expect(create()(text)).to.deep.equal({ kind: 'known', text }));
    }
  });

  describe('in the environment', () => {
    it('returns the variable', () =>
      expect(create()('${env:WEBSITE_MONITOR_SECRET_TOKEN}')).to.deep.equal({
        kind: 'known',
        text: 's3cret',
      }));

    it('does not resolve references inside a secret', () =>
      expect(create()('${env:WEBSITE_MONITOR_SECRET_NESTED}')).to.deep.equal({
        kind: 'known',
        text: '${env:WEBSITE_MONITOR_SECRET_TOKEN}',
      }));

    for (const name of ['WEBSITE_MONITOR_SECRET_EMPTY', 'WEBSITE_MONITOR_SECRET_ABSENT']) {
      it(`says that ${name} is missing`, () =>
        expect(create()(`\${env:${name}}`)).to.deep.equal({
          kind: 'missing',
          detail: `the variable ${name} is not set`,
        }));
    }

    for (const name of [
      '',
      'PATH',
      'WEBSITE_MONITOR_DSN',
      'WEBSITE_MONITOR_SECRET',
      'WEBSITE_MONITOR_SECRET_',
      'website_monitor_secret_token',
      'X_WEBSITE_MONITOR_SECRET_TOKEN',
      'WEBSITE_MONITOR_SECRET_TOKEN ',
      ' WEBSITE_MONITOR_SECRET_TOKEN',
      'WEBSITE_MONITOR_SECRET_TOKEN\n',
      'WEBSITE_MONITOR_SECRET_TOKEN\u0000',
      'WEBSITE_MONITOR_SECRET_../PATH',
      '__proto__',
      'constructor',
      `WEBSITE_MONITOR_SECRET_${'A'.repeat(201)}`,
    ]) {
      it(`refuses ${JSON.stringify(name.slice(0, 40))}`, () =>
        expect(create()(`\${env:${name}}`)).to.deep.equal({
          kind: 'missing',
          detail: 'a secret variable must be named WEBSITE_MONITOR_SECRET_…',
        }));
    }
  });

  describe('in files', () => {
    const FILES: readonly (readonly [what: string, text: string, secret: string])[] = [
      ['unchanged', 's3cret', 's3cret'],
      ['without its final line break', 's3cret\n', 's3cret'],
      ['without its final Windows line break', 's3cret\r\n', 's3cret'],
      ['with earlier line breaks', 'one\ntwo\n\n', 'one\ntwo\n'],
      ['with its spaces', ' s3cret \n', ' s3cret '],
      ['in UTF-8', 'größer\n', 'größer'],
    ];
    for (const [what, text, secret] of FILES) {
      it(`returns one ${what}`, () => {
        write('api-token.txt', text);
        expect(create()('${file:api-token.txt}')).to.deep.equal({ kind: 'known', text: secret });
      });
    }

    for (const [what, text] of [
      ['missing', null],
      ['empty', ''],
      ['only a line break', '\n'],
    ] as const) {
      it(`names the secret if its file is ${what}`, () => {
        if (text !== null) write('token', text);
        expect(create()('${file:token}')).to.deep.equal({
          kind: 'missing',
          detail: 'the file token in the secrets folder is missing or empty',
        });
      });
    }

    it('treats a folder as a missing secret', () => {
      mkdirSync(join(folder, 'secrets', 'token'));
      expect(create()('${file:token}').kind).to.equal('missing');
    });

    for (const name of [
      '',
      '.',
      '..',
      '../outside',
      '..\\outside',
      './token',
      'sub/token',
      'sub\\token',
      '/etc/passwd',
      '~',
      '.hidden',
      '-token',
      'token\u0000',
      'token\u0000.txt',
      'to ken',
      'token\n',
      '%2e%2e%2foutside',
      'tökén',
      'a'.repeat(202),
    ]) {
      it(`refuses the name ${JSON.stringify(name.slice(0, 30))}`, () => {
        writeFileSync(join(folder, 'outside'), 's3cret');
        write('token', 's3cret');
        expect(create()(`\${file:${name}}`)).to.deep.equal({
          kind: 'missing',
          detail: 'the name of a secret file may have only letters, digits, dots, dashes and underscores',
        });
      });
    }

    it('reads no file without a folder', () => {
      const secrets = createSecrets({ environment: ENVIRONMENT, folder: null });
      expect(secrets('${file:token}')).to.deep.equal({
        kind: 'missing',
        detail: 'a secret file needs --secrets-folder, which is not set',
      });
    });

    it('treats a file as missing if the folder is missing', () => {
      const secrets = createSecrets({ environment: {}, folder: join(folder, 'none') });
      expect(secrets('${file:token}').kind).to.equal('missing');
    });

    /** Spaces writes apart: files written within the same millisecond look unchanged. */
    const change = (name: string, text: string): void => {
      write(name, text);
      const later = new Date(Date.now() + 5_000);
      utimesSync(join(folder, 'secrets', name), later, later);
      clock.tick(1_000);
    };

    it('reads a file again when it has changed, appeared or disappeared', () => {
      const secrets = create();
      expect(secrets('${file:token}').kind).to.equal('missing');
      change('token', 'old\n');
      expect(secrets('${file:token}')).to.deep.equal({ kind: 'known', text: 'old' });
      change('token', 'a new one\n');
      expect(secrets('${file:token}')).to.deep.equal({ kind: 'known', text: 'a new one' });
      rmSync(join(folder, 'secrets', 'token'));
      clock.tick(1_000);
      expect(secrets('${file:token}').kind).to.equal('missing');
    });

    it('follows the links by which Kubernetes replaces all files at once', () => {
      for (const [version, token] of Object.entries({ one: 'old', two: 'new' })) {
        mkdirSync(join(folder, version));
        writeFileSync(join(folder, version, 'token'), token);
      }
      utimesSync(join(folder, 'one', 'token'), 1, 1);
      symlinkSync(join(folder, 'one'), join(folder, 'secrets', '..data'));
      symlinkSync('..data/token', join(folder, 'secrets', 'token'));
      const secrets = create();
      expect(secrets('${file:token}')).to.deep.equal({ kind: 'known', text: 'old' });

      symlinkSync(join(folder, 'two'), join(folder, 'secrets', '..data_tmp'));
      renameSync(join(folder, 'secrets', '..data_tmp'), join(folder, 'secrets', '..data'));
      clock.tick(1_000);
      expect(secrets('${file:token}')).to.deep.equal({ kind: 'known', text: 'new' });
    });

    it('returns more files than it remembers', () => {
      const names = Array.from({ length: 1_100 }, (_, index) => `token-${index}`);
      for (const name of names) write(name, `of ${name}`);
      const secrets = create();
      for (const name of [...names, ...names])
        expect(secrets(`\${file:${name}}`)).to.deep.equal({ kind: 'known', text: `of ${name}` });
    });
  });
});
