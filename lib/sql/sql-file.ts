import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** The package's `sql` folder, two levels up from the sources and three from the built files. */
const sqlFolder = ['../../sql/', '../../../sql/']
  .map(path => fileURLToPath(new URL(path, import.meta.url)))
  .find(existsSync);

/** @throws Error if the package was installed without its `sql` folder */
export function sqlPath(relativePath: string): string {
  if (!sqlFolder) throw new Error('the folder "sql" is missing next to the library: reinstall the package');
  return `${sqlFolder}${relativePath}`;
}

/** Reads `sql/queries/{name}.sql`. */
export const statement = (name: string): string => readFileSync(sqlPath(`queries/${name}.sql`), 'utf8');
