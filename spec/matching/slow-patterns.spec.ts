import { expect } from 'chai';
import { createRecent } from '../../lib/domain/recent.ts';
import { createSlowPatterns } from '../../lib/matching/slow-patterns.ts';

describe('createSlowPatterns', () => {
  const quickAnswersUntilForgiven = (patterns: ReturnType<typeof createSlowPatterns>, pattern: string) => {
    let answers = 0;
    for (; patterns.includes(pattern); answers++) patterns.wasQuick(pattern);
    return answers;
  };

  it('treats a pattern as quick until it was slow', () => {
    const patterns = createSlowPatterns(10);
    patterns.wasQuick('a');
    patterns.wasSlow('b');
    expect([patterns.includes('a'), patterns.includes('b')]).to.deep.equal([false, true]);
  });

  it('requires twice as many quick answers each time a pattern was slow', () => {
    const patterns = createSlowPatterns(10);
    const answers = [1, 2, 3, 4].map(() => {
      patterns.wasSlow('a');
      return quickAnswersUntilForgiven(patterns, 'a');
    });
    expect(answers).to.deep.equal([2, 4, 8, 16]);
  });
});

describe('createRecent', () => {
  it('forgets what was used longest ago', () => {
    const recent = createRecent<number>(2);
    recent.set('a', 1);
    recent.set('b', 2);
    recent.get('a');
    recent.set('c', 3);
    expect([recent.get('a'), recent.get('b'), recent.get('c')]).to.deep.equal([1, undefined, 3]);
  });

  it('holds one value a key', () => {
    const recent = createRecent<number>(2);
    recent.set('a', 1);
    recent.set('b', 2);
    recent.set('b', 3);
    expect([recent.get('a'), recent.get('b')]).to.deep.equal([1, 3]);
  });
});
