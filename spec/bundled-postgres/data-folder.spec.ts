import { expect } from 'chai';
import { defaultDataFolder } from '../../lib/bundled-postgres/data-folder.ts';

describe('defaultDataFolder', () => {
  for (const [xdgDataHome, platform, isRoot, folder] of [
    [undefined, 'linux', false, '/home/ada/.local/share/website-monitor'],
    ['/xdg', 'linux', false, '/xdg/website-monitor'],
    ['relative', 'linux', false, '/home/ada/.local/share/website-monitor'],
    ['', 'linux', false, '/home/ada/.local/share/website-monitor'],
    [undefined, 'darwin', false, '/home/ada/Library/Application Support/website-monitor'],
    ['/xdg', 'darwin', false, '/home/ada/Library/Application Support/website-monitor'],
    ['/xdg', 'linux', true, '/var/lib/website-monitor'],
  ] as const) {
    it(`is ${folder} on ${platform} for ${isRoot ? 'root' : 'a user'} with XDG_DATA_HOME=${xdgDataHome}`, () => {
      expect(defaultDataFolder(xdgDataHome, platform, isRoot, () => '/home/ada')).to.equal(folder);
    });
  }

  it('needs no home folder where another is given', () => {
    const noHome = () => {
      throw new Error('asked for the home folder');
    };
    expect(defaultDataFolder('/xdg', 'linux', false, noHome)).to.equal('/xdg/website-monitor');
    expect(defaultDataFolder(undefined, 'linux', true, noHome)).to.equal('/var/lib/website-monitor');
  });
});
