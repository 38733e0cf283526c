import { expect } from 'chai';
import { configOf, problemsOf } from '../support/parsing.ts';

describe('Settings together', () => {
  it('need a queue that holds what runs and what is leased at once', () => {
    const says = '--queue-size: must be at least --worker-number and --batch-size';
    expect(problemsOf(['--queue-size', '255', '--batch-size', '10'])[0]).to.include(says);
    expect(problemsOf(['--worker-number', '2001'])[0]).to.include(says);
    expect(
      problemsOf(['--queue-size', '100', '--worker-number', '100', '--batch-size', '101'])[0],
    ).to.include(says);
    expect(
      problemsOf(['--queue-size', '100', '--worker-number', '100', '--batch-size', '100']),
    ).to.deep.equal([]);
  });

  it('need a file for custom logging', () => {
    const environment = { WEBSITE_MONITOR_LOGGING_TYPE: 'custom' };
    expect(problemsOf([], environment)[0]).to.include('--logging-config-file: must name a file');
    expect(configOf(['--logging-config-file', 'log.json'], environment).logging).to.deep.equal({
      type: 'custom',
      configFile: 'log.json',
    });
  });

  it('ignore a custom logging config if another log type is set', () => {
    const environment = {
      WEBSITE_MONITOR_LOGGING_TYPE: 'custom',
      WEBSITE_MONITOR_LOGGING_CONFIG_FILE: 'log.json',
    };
    expect(configOf(['--logging-type', 'dev'], environment).logging).to.deep.equal({ type: 'dev' });
  });

  it('log for people on a terminal, and for machines elsewhere', () => {
    expect(configOf([], {}, { isTerminal: true }).logging).to.deep.equal({ type: 'dev' });
    expect(configOf([], {}, { isTerminal: false }).logging).to.deep.equal({ type: 'prod' });
    expect(configOf(['https://example.org']).logging).to.deep.equal({ type: 'dev' });
    expect(configOf(['https://example.org', '--logging-type', 'prod']).logging).to.deep.equal({
      type: 'prod',
    });
  });

  it('need a DSN for a DSN to listen on', () => {
    const environment = { WEBSITE_MONITOR_LISTEN_DSN: 'postgres://direct/d' };
    expect(problemsOf([], environment)[0]).to.match(/^WEBSITE_MONITOR_LISTEN_DSN: needs --dsn/);
    expect(configOf(['--dsn', 'postgres://pooler/d'], environment).listenDsn).to.equal('postgres://direct/d');
  });
});
