import { expect } from 'chai';
import { firstValueFrom, lastValueFrom, NEVER, of, Subject, throwError } from 'rxjs';
import { scoped } from '../../lib/app/scoped.ts';
import { failureOf } from '../support/failure-of.ts';

describe('scoped', () => {
  let told: string[];
  beforeEach(() => {
    told = [];
  });
  /** Opens one thing, whose closing takes a moment. */
  const open = (scope: AsyncDisposableStack, name: string): void =>
    scope.defer(async () => {
      await Promise.resolve();
      told.push(`${name} closed`);
    });

  it('closes what was opened, the last first, before it completes', async () => {
    const work = scoped(scope => {
      open(scope, 'one');
      open(scope, 'two');
      return of('done');
    });
    expect(await lastValueFrom(work)).to.equal('done');
    expect(told).to.deep.equal(['two closed', 'one closed']);
  });

  it('closes everything opened if a later step fails, and errors with its error', async () => {
    const failing = scoped(scope => {
      open(scope, 'one');
      open(scope, 'two');
      throw new RangeError('three');
    });
    expect(await failureOf(lastValueFrom(failing))).to.be.an.instanceOf(RangeError);
    expect(told).to.deep.equal(['two closed', 'one closed']);
  });

  it('closes what was opened before it errors', async () => {
    const failing = scoped(scope => {
      open(scope, 'one');
      return throwError(() => new RangeError('late'));
    });
    expect(await failureOf(lastValueFrom(failing))).to.be.an.instanceOf(RangeError);
    expect(told).to.deep.equal(['one closed']);
  });

  it('closes what was opened when it is unsubscribed', async () => {
    const closed = new Subject<string>();
    const running = scoped(scope => {
      scope.defer(() => closed.next('closed'));
      return NEVER;
    }).subscribe();
    const hears = firstValueFrom(closed);
    running.unsubscribe();
    expect(await hears).to.equal('closed');
  });
});
