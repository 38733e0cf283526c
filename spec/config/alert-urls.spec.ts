import { expect } from 'chai';
import { configOf, problemsOf } from '../support/parsing.ts';

const SMTP = '--smtp-url=smtp://mail.example.org';

describe('--alert', () => {
  it('is repeatable, and takes each URL once', () => {
    const flags = [
      '--alert',
      'slack://T0/B0/X0',
      '--alert=https://example.org/hook',
      '--alert=slack://T0/B0/X0',
    ];
    expect(configOf(flags).alertUrls).to.deep.equal(['slack://T0/B0/X0', 'https://example.org/hook']);
  });

  it('is several URLs with spaces between them in the environment', () => {
    const environment = {
      WEBSITE_MONITOR_ALERT: ' mailto:a@example.org,b@example.org  ntfy://ntfy.sh/topic ',
    };
    expect(configOf([SMTP], environment).alertUrls).to.deep.equal([
      'mailto:a@example.org,b@example.org',
      'ntfy://ntfy.sh/topic',
    ]);
  });

  it('needs --smtp-url for mail', () => {
    const problem = '--alert: mail needs --smtp-url, as in smtp://user:password@mail.example.org:587';
    expect(problemsOf(['--alert=MAILTO:you@example.org'])).to.deep.equal([problem]);
    expect(problemsOf(['--alert=mailto:${env:WEBSITE_MONITOR_SECRET_A}'])).to.deep.equal([problem]);
    expect(configOf(['--alert=mailto:you@example.org', SMTP]).alertUrls).to.have.length(1);
  });

  it('says what is wrong with a URL, and does not show it', () => {
    expect(problemsOf(['--alert=https://example.org', '--alert=slak://s3cret'])).to.deep.equal([
      '--alert: scheme slak is unknown; did you mean slack?',
    ]);
  });
});
