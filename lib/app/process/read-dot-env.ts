import { readFileSync } from 'node:fs';
import { decodeText } from '../../files/decode-text.ts';

/** Reads `.env` in UTF-8 or UTF-16. A missing file is empty; one that cannot be read is a problem. */
export function readDotEnv(path: string): { readonly text: string } | { readonly problem: string } {
  try {
    return { text: decodeText(readFileSync(path)) };
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    return code === 'ENOENT' ? { text: '' } : { problem: `${path}: cannot be read (${code})` };
  }
}
