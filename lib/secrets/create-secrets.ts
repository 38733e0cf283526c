import { join } from 'node:path';
import type { Secrets } from '../checking/ports.ts';
import { createRecent } from '../domain/recent.ts';
import { SECRET_REFERENCE } from '../domain/target/secret-reference.ts';
import { watchFile } from '../files/watched-file.ts';

export interface SecretSources {
  /** Only variables whose names begin with `WEBSITE_MONITOR_SECRET_` are looked at */
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Null: no file is a secret */
  readonly folder: string | null;
}

/** Whoever may insert a target must not be able to send itself any variable or file of this machine. */
const VARIABLE = /^WEBSITE_MONITOR_SECRET_\w{1,200}$/;
const FILE = /^\w[\w.-]{0,200}$/;

const FILES_REMEMBERED_MAX = 1_000;

/**
 * Secrets from the environment, and from the files of one folder: read again when they change, without
 * the line break that editors leave at their end.
 */
export function createSecrets({ environment, folder }: SecretSources): Secrets {
  const files = createRecent<() => string>(FILES_REMEMBERED_MAX);

  const read = (name: string): string => {
    const file = files.get(name) ?? watchFile(join(folder ?? '', name), text => text.replace(/\r?\n$/, ''));
    files.set(name, file);
    return file();
  };

  return text => {
    const [, source, name = ''] = SECRET_REFERENCE.exec(text) ?? [];
    if (source === undefined) return { kind: 'known', text };
    if (source === 'env') {
      if (!VARIABLE.test(name)) return missing('a variable must be named WEBSITE_MONITOR_SECRET_…');
      return known(environment[name], `the variable ${name} is not set`);
    }
    if (folder === null) return missing('a file is referred to, and --secrets-folder is not given');
    if (!FILE.test(name)) return missing('a file must be named by letters, digits, dots and dashes alone');
    return known(read(name), `the file ${name} in the secrets folder is missing or empty`);
  };
}

const missing = (detail: string): ReturnType<Secrets> => ({ kind: 'missing', detail });

const known = (text: string | undefined, otherwise: string): ReturnType<Secrets> =>
  text ? { kind: 'known', text } : missing(otherwise);
