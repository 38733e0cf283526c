import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const CHECKOUT = join(import.meta.dirname, '../..');

export interface Document {
  /** As seen from the checkout */
  readonly path: string;
  readonly text: string;
  /** Without blocks of code */
  readonly prose: string;
}

const GLOBS = ['*.md', 'docs/**/*.md', 'bench/**/*.md', 'deploy/**/*.md', 'examples/**/*.md'];

/** Every Markdown file that is the project's own. */
export const documents = (): Document[] =>
  globSync(GLOBS, { cwd: CHECKOUT, exclude: path => path.includes('node_modules') })
    .sort()
    .map(documentAt);

export const documentAt = (path: string): Document => {
  const text = readFileSync(join(CHECKOUT, path), 'utf8');
  return { path, text, prose: text.replaceAll(/^ *```.*?^ *```/gms, '') };
};

/** The blocks of code in that language. */
export const blocksOf = ({ text }: Document, language: string): string[] =>
  [...text.matchAll(new RegExp(`^\`\`\`${language}\\n(.*?)^\`\`\``, 'gms'))].map(([, block = '']) => block);

/** Of all links: `[text](…)`. What stands in backticks is none. */
export const linksOf = ({ prose }: Document): string[] =>
  [...prose.replaceAll(/`[^`\n]*`/g, '').matchAll(/\]\(([^)\s]+)\)/g)].map(([, link = '']) => link);

/** As GitHub makes them of headings: https://github.com/gjtorikian/html-pipeline, TableOfContentsFilter. */
export function anchorsOf({ prose }: Document): Set<string> {
  const anchors = new Set<string>();
  for (const [, heading = ''] of prose.matchAll(/^#+ (.+)$/gm)) {
    const anchor = heading
      .replaceAll(/\[([^\]]*)\]\([^)]*\)/g, '$1')
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{M}\p{N}\p{Pc} -]/gu, '')
      .replaceAll(' ', '-');
    let unique = anchor;
    for (let number = 1; anchors.has(unique); number += 1) unique = `${anchor}-${number}`;
    anchors.add(unique);
  }
  return anchors;
}

/** The cells of a line of a table; a bar in a cell is written `\|`. */
export const cellsOf = (line: string): string[] =>
  line
    .split(/(?<!\\)\|/)
    .slice(1, -1)
    .map(cell => cell.trim());
