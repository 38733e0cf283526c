export type FileFormat = 'csv' | 'json';

/** As it was asked for, else as the file's name ends; a stream has no name, and is CSV. */
export const isJsonFile = (file: string | null, format: FileFormat | null): boolean =>
  format === null ? /\.(json|jsonl|ndjson)$/i.test(file ?? '') : format === 'json';
