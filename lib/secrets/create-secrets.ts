import { join } from 'node:path';
import { LRUCache } from 'lru-cache';
import type { Secrets } from '../checking/ports.ts';
import { SECRET_REFERENCE } from '../domain/target/secret-reference.ts';
import { watchFile } from '../files/watched-file.ts';

/** Where references in headers and credentials may lead. */
export interface SecretSources {
  /** Only variables whose names begin with `WEBSITE_MONITOR_SECRET_` are secrets */
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** The folder of secret files; null allows no files */
  readonly folder: string | null;
}

// Someone who may insert targets must not be able to have other variables or files of this machine sent to them.
const VARIABLE = /^WEBSITE_MONITOR_SECRET_\w{1,200}$/;
const FILE = /^\w[\w.-]{0,200}$/;

const FILES_REMEMBERED_MAX = 1_000;

/**
 * Resolves references to secrets in the environment and in the files of one folder. Files are read again when
 * they change, and without the final line break that editors add.
 */
export function createSecrets({ environment, folder }: SecretSources): Secrets {
  const files = new LRUCache<string, () => string>({ max: FILES_REMEMBERED_MAX });

  const read = (name: string): string => {
    const file = files.get(name) ?? watchFile(join(folder ?? '', name), text => text.replace(/\r?\n$/, ''));
    files.set(name, file);
    return file();
  };

  return text => {
    const [, source, name = ''] = SECRET_REFERENCE.exec(text) ?? [];
    if (source === undefined) return { kind: 'known', text };
    if (source === 'env') {
      if (!VARIABLE.test(name)) return missing('a secret variable must be named WEBSITE_MONITOR_SECRET_…');
      return known(environment[name], `the variable ${name} is not set`);
    }
    if (folder === null) return missing('a secret file needs --secrets-folder, which is not set');
    if (!FILE.test(name))
      return missing('the name of a secret file may have only letters, digits, dots, dashes and underscores');
    return known(read(name), `the file ${name} in the secrets folder is missing or empty`);
  };
}

const missing = (detail: string): ReturnType<Secrets> => ({ kind: 'missing', detail });

const known = (text: string | undefined, otherwise: string): ReturnType<Secrets> =>
  text ? { kind: 'known', text } : missing(otherwise);
