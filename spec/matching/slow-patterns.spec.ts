import { expect } from 'chai';
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

  it('forgets the pattern used longest ago', () => {
    const patterns = createSlowPatterns(2);
    patterns.wasSlow('a');
    patterns.wasSlow('b');
    patterns.includes('a');
    patterns.wasSlow('c');
    expect(['a', 'b', 'c'].map(patterns.includes)).to.deep.equal([true, false, true]);
  });
});
