import { expect } from 'chai';
import { nearest } from '../../lib/domain/nearest.ts';

const COMMANDS = ['status', 'tail', 'targets list', 'targets add', 'doctor', 'migrate', '--dsn', 'sql'];

describe('nearest', () => {
  for (const [mistyped, meant] of [
    ['stauts', 'status'],
    ['statu', 'status'],
    ['STATUS', 'status'],
    ['tial', 'tail'],
    ['target list', 'targets list'],
    ['migrat', 'migrate'],
    ['--dns', '--dsn'],
    ['sq', 'sql'],
    ['s3cret', undefined],
    ['constructor', undefined],
    ['', undefined],
  ] as const)
    it(`of "${mistyped}" is ${meant}`, () => expect(nearest(mistyped, COMMANDS)).to.equal(meant));
});
