import { expect } from 'chai';
import { quoted } from '../../lib/channels/problem-text.ts';

describe('What a receiver said', () => {
  it('is quoted without our secrets, tags and control characters', () => {
    expect(quoted('<p>no\r\n such\0token: abc</p>', ['abc'])).to.equal('no such token: …');
  });

  it('is never cut within a character: PostgreSQL would refuse it, and the message would go out for ever', () => {
    const quote = quoted(`${'x'.repeat(198)}😀😀`, []);
    expect(quote).to.equal(`${'x'.repeat(198)}…`);
    expect(quote.isWellFormed()).to.equal(true);
  });
});
