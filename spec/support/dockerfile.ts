import { readFileSync } from 'node:fs';
import { join } from 'node:path';

export const CHECKOUT = join(import.meta.dirname, '../..');

export interface Instruction {
  readonly keyword: string;
  /** What follows the keyword, on one line */
  readonly text: string;
}

export interface Stage {
  readonly base: string;
  readonly name: string | undefined;
  readonly instructions: readonly Instruction[];
}

/** The stages of the Dockerfile, the last of which becomes the image. */
export function readDockerfile(): Stage[] {
  const text = readFileSync(join(CHECKOUT, 'Dockerfile'), 'utf8');
  const lines = text.replace(/^\s*#.*\n/gm, '').replace(/\\\n\s*/g, '');
  const stages: { base: string; name: string | undefined; instructions: Instruction[] }[] = [];
  for (const [, keyword = '', rest = ''] of lines.matchAll(/^([A-Z]+)\s+(.*)$/gm)) {
    const [base = '', , name] = rest.replace(/^--platform=\S+ /, '').split(' ');
    if (keyword === 'FROM') stages.push({ base, name, instructions: [] });
    else stages.at(-1)?.instructions.push({ keyword, text: rest });
  }
  return stages;
}

/** @returns undefined where it is not in the exec form, which no shell comes between */
export function execForm(text: string): string[] | undefined {
  const [list] = /\[.*\]$/.exec(text) ?? [];
  return list === undefined ? undefined : JSON.parse(list);
}

/** The paths of .dockerignore's own: all that a build gets to see. */
export function contextPaths(): string[] {
  const text = readFileSync(join(CHECKOUT, '.dockerignore'), 'utf8');
  const [first, ...others] = text.split('\n').filter(line => line !== '' && !line.startsWith('#'));
  const isAsExpected = first === '*' && others.every(line => /^![\w./-]+$/.test(line));
  if (!isAsExpected) throw new Error('.dockerignore must be * and then a list of !paths');
  return others.map(line => line.slice(1));
}
