import type { Asked } from '../config/parse-config.ts';

/** As it was asked for, else as the file's name ends; a stream has no name, and is CSV. */
export const isJsonFile = (file: Asked['file'], format: Asked['format']): boolean =>
  format === null ? /\.(json|jsonl|ndjson)$/i.test(file ?? '') : format === 'json';
