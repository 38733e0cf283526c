/**
 * `text` as a constant of PostgreSQL, whatever `standard_conforming_strings` is.
 *
 * @throws RangeError for NUL, which no text in PostgreSQL can hold
 */
export const sqlLiteral = (text: string | null): string => {
  if (text === null) return 'NULL';
  if (text.includes('\0')) throw new RangeError('text for PostgreSQL must not contain NUL');
  const quoted = `'${text.replaceAll("'", "''")}'`;
  return text.includes('\\') ? `E${quoted.replaceAll('\\', '\\\\')}` : quoted;
};
