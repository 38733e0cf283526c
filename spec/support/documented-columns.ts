import { cellsOf, type Document } from './markdown.ts';

export interface Column {
  readonly relation: string;
  readonly name: string;
  readonly type: string;
  readonly nullable: boolean;
}

export interface KnownColumn extends Column {
  readonly of_view: boolean;
  readonly comment: string | null;
}

const TYPES: Readonly<Record<string, string>> = {
  timestamptz: 'timestamp with time zone',
  'timestamptz[]': 'timestamp with time zone[]',
};

const NEVER_NULL = '–';

/** What stands in backticks, of a heading or of a cell. */
const named = (text: string): string[] => [...text.matchAll(/`([^`]+)`/g)].map(([, name = '']) => name);

/** The columns of each table under a heading that names relations; a heading of several speaks of all of them. */
export function documentedColumns({ text }: Document): (Column & { readonly meaning: string })[] {
  return text.split(/^### /m).flatMap(section => {
    const [heading = '', ...lines] = section.split('\n');
    const begins = lines.indexOf('| column | type | null means | meaning |');
    if (begins === -1) return [];
    const ends = lines.indexOf('', begins);
    return lines.slice(begins + 2, ends).flatMap(line => {
      const [names = '', type = '', whenNull = '', meaning = ''] = cellsOf(line);
      const rest = { type: TYPES[type] ?? type, nullable: whenNull !== NEVER_NULL };
      const whole = rest.nullable ? `${meaning}; ${whenNull}` : meaning;
      return named(heading).flatMap(relation =>
        named(names).map(name => ({ relation, name, ...rest, meaning: whole.replaceAll('`', '') })),
      );
    });
  });
}

/** Those of the schema, and what the database itself says of them. Of a view nobody knows what may be null. */
export const COLUMNS_OF_SCHEMA = `
  SELECT relname AS relation, attname AS name, format_type(atttypid, atttypmod) AS type, NOT attnotnull AS nullable,
    relkind = 'v' AS of_view, regexp_replace(col_description(relation.oid, attnum), '; null (= )?', '; ') AS comment
  FROM pg_class AS relation JOIN pg_attribute ON attrelid = relation.oid
  WHERE relnamespace = 'website_monitor'::regnamespace AND relkind IN ('r', 'p', 'v') AND NOT relispartition
    AND attnum > 0 AND NOT attisdropped
  ORDER BY relname, attnum`;
