export type FileFormat = 'csv' | 'json';

/** Whether the file is JSON: by `format` if given, else by the file's extension. A stream defaults to CSV. */
export const isJsonFile = (file: string | null, format: FileFormat | null): boolean =>
  format === null ? /\.(json|jsonl|ndjson)$/i.test(file ?? '') : format === 'json';
