import { existsSync, readFileSync } from 'node:fs';

/** From package.json, which is three folders up from the sources and four from the built files. */
export function version(): string {
  const packageJson = ['../../../package.json', '../../../../package.json']
    .map(path => new URL(path, import.meta.url))
    .find(path => existsSync(path));
  return packageJson ? JSON.parse(readFileSync(packageJson, 'utf8')).version : 'unknown';
}
