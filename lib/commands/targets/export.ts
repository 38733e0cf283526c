import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { finished } from 'node:stream/promises';
import { stringify } from 'csv-stringify/sync';
import { isReference } from '../../domain/target/secret-reference.ts';
import { exportTargets } from '../../postgres/targets/read-targets.ts';
import { COLUMNS, KEPT } from '../../targets/columns.ts';
import { isJsonFile } from '../../targets/file-format.ts';
import { countText } from '../text-tables.ts';
import { withDatabase } from '../with-database.ts';
import type { Run, Work } from '../work.ts';

type Columns = Readonly<Record<string, unknown>>;

/** Writes the targets in the format of `targets import`. */
export const exportFile: Run<'targets export'> = work =>
  withDatabase(work, async database => {
    const { config, screen } = work;
    const { file, format, urlPart, withSecrets } = config;
    const isJson = isJsonFile(file, format);
    const output = openOutput(file, work);
    let [count, keptCount] = [0, 0];
    let head = isJson ? '' : `${[...COLUMNS.keys()].join(',')}\n`;
    for await (const page of exportTargets(database, { urlPart, labels: config.withLabels })) {
      const shown = page.map(({ columns }) => (withSecrets ? columns : withoutSecrets(columns)));
      const lines = isJson ? shown.map(columns => `${JSON.stringify(columns)}\n`).join('') : csv(shown);
      await output.write(head + lines);
      head = '';
      count += shown.length;
      keptCount += shown.filter(isWithoutSecrets).length;
      if (file !== null) screen.progress(`${countText(count)} targets …`);
    }
    await output.write(head);
    await output.end();
    if (file !== null) screen.tell(`${countText(count)} targets exported`);
    if (keptCount > 0)
      screen.tell(
        `${keptCount === 1 ? '1 has' : `${countText(keptCount)} have`} headers, a body or credentials, exported as ${KEPT}: to include them, add --with-secrets`,
      );
    return 0;
  });

/** Only the owner may read the file: it may contain secrets. */
function openOutput(file: string | null, { screen }: Work<'targets export'>) {
  if (file === null) return { write: screen.print, end: async () => {} };
  const stream = createWriteStream(file, { mode: 0o600 });
  const failed = once(stream, 'error').then(([error]): never => {
    throw error;
  });
  failed.catch(() => {}); // the next write throws it
  return {
    write: async (text: string): Promise<void> => {
      if (!stream.write(text)) await Promise.race([once(stream, 'drain'), failed]);
    },
    end: () => Promise.race([finished(stream.end()), failed]),
  };
}

const isWithoutSecrets = (columns: Columns): boolean =>
  Object.entries(columns).some(([name, value]) => value === KEPT && COLUMNS.get(name)?.isSecret);

const withoutSecrets = (columns: Columns): Columns =>
  Object.fromEntries(
    Object.entries(columns).map(([name, value]) => [
      name,
      COLUMNS.get(name)?.isSecret && !isShown(value) ? KEPT : value,
    ]),
  );

/** True for empty values and references: neither is a secret. */
function isShown(value: unknown): boolean {
  if (value === null || value === '') return true;
  if (typeof value === 'object') return Object.values(value).every(isShown);
  return typeof value === 'string' && isReference(value);
}

const csv = (rows: readonly Columns[]): string =>
  stringify(
    rows.map(columns =>
      [...COLUMNS.keys()].map(name => {
        const value = columns[name];
        if (value === null || value === undefined) return null;
        return typeof value === 'object' ? JSON.stringify(value) : String(value);
      }),
    ),
    { quoted_match: /^$/ }, // tells an empty text from null
  );
