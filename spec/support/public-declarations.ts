import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** An export of the package, as its `.d.ts` file declares it. */
export interface PublicDeclaration {
  readonly name: string;
  readonly isDocumented: boolean;
  /** Types that its declaration names, and that some file exports, but no entry does */
  readonly hidden: readonly string[];
}

/** `TargetDraft` is computed from the table of fields, and `Optional` only makes properties optional. */
const SEEN_THROUGH = new Set(['Field', 'Optional']);

const KINDS = '(?:const|function|interface|type|class)';

interface Exported {
  readonly file: string;
  /** In that file */
  readonly name: string;
  /** As the entry exports it */
  readonly publicName: string;
}

/** Reads what the entries export from the `.d.ts` files beside them. */
export function publicDeclarations(entries: readonly string[]): readonly PublicDeclaration[] {
  const exported = entries.flatMap(exportsOf);
  const publicNames = new Set(exported.flatMap(({ name, publicName }) => [name, publicName]));
  return exported.map(({ file, name, publicName }) => {
    const text = readFileSync(file, 'utf8');
    const [declaration = '', comment] =
      new RegExp(
        `(\\*/\\n)?^export (?:declare )?${KINDS} ${name}\\b[\\s\\S]*?(?=\\n(?:/\\*\\*|export |declare |interface |type |import )|$(?![\\s\\S]))`,
        'm',
      ).exec(text) ?? [];
    const named = new Set(typesIn(declaration).match(/\b[A-Z]\w+\b/g));
    const hidden = typesOf(text).filter(
      type => named.has(type) && !publicNames.has(type) && !SEEN_THROUGH.has(type),
    );
    return { name: publicName, isDocumented: comment !== undefined, hidden };
  });
}

function exportsOf(entry: string): Exported[] {
  const text = readFileSync(entry, 'utf8');
  return [...text.matchAll(/^export (?:type )?\{([^}]*)\} from '([^']*)'/gm)].flatMap(
    ([, names = '', from = '']) =>
      split(names).map(one => {
        const [name = '', publicName = name] = one.split(' as ');
        return { file: join(dirname(entry), from.replace(/\.[jt]s$/, '.d.ts')), name, publicName };
      }),
  );
}

/** That other files can see: those that it imports, and those that it exports. */
const typesOf = (text: string): string[] => [
  ...[...text.matchAll(/^import (?:type )?\{([^}]*)\} from '\./gm)].flatMap(([, names = '']) => split(names)),
  ...[...text.matchAll(/^export (?:declare )?(?:interface|type|class) (\w+)/gm)].flatMap(
    ([, name = '']) => name,
  ),
];

const split = (names: string): string[] =>
  names
    .split(',')
    .map(name => name.trim().replace(/^type /, ''))
    .filter(name => name !== '');

/** Without comments and the names of values. */
const typesIn = (declaration: string): string =>
  declaration.replace(/\/\*[\s\S]*?\*\//g, '').replace(/\btypeof \w+/g, '');
