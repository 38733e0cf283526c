import { expect } from 'chai';
import { createAddressGuard } from '../../lib/net/guard/address-guard.ts';
import { configOf, problemsOf } from '../support/parsing.ts';

describe('A rule', () => {
  const broken: readonly (readonly [flag: string, ...values: string[]])[] = [
    ['--dsn', 'mysql://h/d', 'host=h dbname=d', 'postgres://h:99999/d', 'postgres://u:p%@h/d', 'postgres'],
    ['--listen-dsn', 'http://h'],
    ['--worker-id', 'a\nb', 'a'.repeat(201)],
    ['--worker-number', '0', '-1', '1.5', '1e3', 'many', '10001', ' 5', '0x10', '９'],
    ['--db-pool-size', '1', '501'],
    ['--batch-size', '0', '10001'],
    ['--queue-size', '0', '100001'],
    ['--max-timeout', '0', '0.05', '301', '10s', 'Infinity', '1e1'],
    ['--logging-type', 'DEV', 'json', '__proto__'],
    ['--http-port', '65536', '-1', 'none', '80.5'],
    ['--max-body-bytes', '0', '1MiB', '67108865'],
    ['--confirm', '-1', '6', 'once'],
    ['--regex-timeout', '0', '0.001', '2'],
    ['--certificate-warning', '-1', '366', '2w'],
    ['--retention', '0', '3651', '90d', '1.5'],
    ['--basic-auth', 'me', ':pass'],
    ['--bearer-token', 'a b', 'é'],
    ['--accepted-statuses', '2xx', '99', '300-200'],
    ['--ip-family', '5'],
    ['--method', 'get', 'TRACE'],
    ['--max-redirects', '21'],
    ['--max-latency', '0', '601'],
    ['--min-certificate-validity', '366', '1.5'],
    [
      '--allow-private-targets',
      'none,all',
      'private',
      '10.0.0.0/33',
      'fd00::/129',
      '10.0.0/8',
      '1.2.3.4/',
      ',',
      '127.0.0.1,',
      '127.1',
      '2130706433',
      'localhost',
      'fe80::1%eth0',
      '[::1]',
      '10.0.0.0/8/8',
      '10.0.0.0/-1',
      '10.0.0.0/0x8',
      '10.0.0.0-10.0.0.9',
      'all none',
    ],
    ['--lease-margin', '1', '3601'],
    ['--shutdown-grace', '-1', '3601'],
    ['--every', '0s', '31d', '1w', '1.5m', '-1s', 's', '1constructor'],
    ['--raise-for-status', 'constructor', '2'],
  ];
  for (const [flag, ...values] of broken) {
    for (const value of values) {
      it(`of ${flag} refuses ${JSON.stringify(value.slice(0, 30))}`, () => {
        const problems = problemsOf([`${flag}=${value}`, 'https://example.org']);
        expect(problems).to.have.length(1);
        expect(problems[0]).to.match(new RegExp(`^${flag}: must be `));
      });
    }
  }

  const kept: readonly (readonly [flag: string, ...values: string[]])[] = [
    [
      '--dsn',
      'postgresql://u:p%40@[::1]:5433/d?sslmode=require',
      'postgres:///d?host=/tmp',
      'postgres://u:p@/d?host=/tmp',
    ],
    ['--max-timeout', '0.1', '300'],
    ['--http-port', '0', 'off', '65535'],
    ['--shutdown-grace', '0', '3600'],
    ['--lease-margin', '2'],
  ];
  for (const [flag, ...values] of kept) {
    for (const value of values) {
      it(`of ${flag} takes ${value}`, () => expect(problemsOf([flag, value])).to.deep.equal([]));
    }
  }

  const opened: readonly (readonly [value: string, all: boolean, ...ranges: string[]])[] = [
    ['none', false],
    ['NONE', false],
    ['all', true],
    ['127.0.0.1', false, '127.0.0.1'],
    ['10.0.0.0/8, FD00::/8 ,127.0.0.1', false, '10.0.0.0/8', 'fd00::/8', '127.0.0.1'],
    ['0.0.0.0/0,::/0', false, '0.0.0.0/0', '::/0'],
    ['169.254.169.254/32,All', true, '169.254.169.254/32'],
    ['::ffff:10.0.0.0/104', false, '::ffff:10.0.0.0/104'],
  ];
  for (const [value, all, ...ranges] of opened) {
    it(`of --allow-private-targets takes ${value}, as the guard does`, () => {
      const { privateTargets } = configOf(['--allow-private-targets', value]);
      expect(privateTargets).to.deep.equal({ all, ranges });
      expect(() => createAddressGuard(privateTargets)).to.not.throw();
    });
  }

  it('of metrics and health takes off for none', () => {
    expect(configOf(['--http-port', 'off']).http).to.be.null;
  });
});
