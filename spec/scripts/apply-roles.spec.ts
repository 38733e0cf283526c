import { expect } from 'chai';
import { launch, runMain } from '../support/main-process.ts';
import { psqlLike } from '../support/postgres.ts';
import { openRoleLogins, type RoleLogins } from '../support/role-logins.ts';
import { scriptPath } from '../support/run-script.ts';

describe('npm run apply-roles', () => {
  let logins: RoleLogins;
  beforeEach(async () => {
    logins = await openRoleLogins();
  });
  afterEach(() => logins.drop());

  const applyRoles = async (environment: Record<string, string>) => {
    const { ended, output } = launch({ script: scriptPath('apply-roles.ts'), environment });
    return { code: (await ended).code, output: output() };
  };
  const readResults = async () => {
    const reader = await psqlLike(logins.dsnOf('reader'));
    const read = reader.query('SELECT FROM website_monitor.check_results');
    return read
      .then(
        () => 'reads',
        error => error.message,
      )
      .finally(() => reader.end());
  };

  it('gives the roles their rights on what a migration by an administrator has made', async () => {
    const environment = { WEBSITE_MONITOR_DSN: logins.dsnOf('admin') };
    expect((await runMain({ args: ['migrate'], environment })).code).to.equal(0);
    expect(await readResults()).to.match(/permission denied/);
    expect(await applyRoles(environment)).to.deep.equal({ code: 0, output: 'roles applied\n' });
    expect(await readResults()).to.equal('reads');
    expect(await applyRoles(environment), 'again').to.include({ code: 0 });
  });

  it('ends with 1 and one line where that is not an administrator, or no DSN is given', async () => {
    const { code, output } = await applyRoles({ WEBSITE_MONITOR_DSN: logins.dsnOf('reader') });
    expect(code).to.equal(1);
    expect(output).to.match(/^apply-roles: .+ \(42501\)\n$/);
    expect(await applyRoles({})).to.deep.equal({
      code: 1,
      output: 'apply-roles: set WEBSITE_MONITOR_DSN to the DSN of an administrator\n',
    });
  });
});
