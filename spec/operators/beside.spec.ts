import { ignoreElements } from 'rxjs';
import { beside } from '../../lib/operators/beside.ts';
import { inVirtualTime } from '../support/virtual-time.ts';

describe('beside', () => {
  it('keeps the others subscribed until the source completes, and completes with it', () =>
    inVirtualTime(({ hot, cold, expectObservable, expectSubscriptions }) => {
      const source = hot('a-b-|');
      const other = cold('x-y-z-z-z');
      expectObservable(source.pipe(beside(other.pipe(ignoreElements())))).toBe('a-b-|');
      expectSubscriptions(other.subscriptions).toBe('^---!');
    }));

  it('ends the others when the source errors', () =>
    inVirtualTime(({ cold, expectObservable, expectSubscriptions }) => {
      const other = cold('x-y-z-z-z');
      expectObservable(cold('a-#').pipe(beside(other.pipe(ignoreElements())))).toBe('a-#');
      expectSubscriptions(other.subscriptions).toBe('^-!');
    }));

  it('ends both when it is unsubscribed', () =>
    inVirtualTime(({ cold, expectObservable, expectSubscriptions }) => {
      const [source, other] = [cold('a-b-c-d'), cold('x-y-z-z-z')];
      expectObservable(source.pipe(beside(other.pipe(ignoreElements()))), '^--!').toBe('a-b');
      expectSubscriptions(source.subscriptions).toBe('^--!');
      expectSubscriptions(other.subscriptions).toBe('^--!');
    }));

  it('subscribes once to the source', () =>
    inVirtualTime(({ cold, expectObservable, expectSubscriptions }) => {
      const source = cold('a-|');
      expectObservable(source.pipe(beside(cold<never>('--|'), cold<never>('|')))).toBe('a-|');
      expectSubscriptions(source.subscriptions).toBe(['^-!']);
    }));
});
