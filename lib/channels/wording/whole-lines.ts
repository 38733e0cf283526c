const ELLIPSIS = '…';

/**
 * Joins as many lines as fit into `sizeMax`, and ends with an ellipsis if some do not. Cuts no line, so that
 * markup stays whole.
 *
 * @param sizeOf default: UTF-16 code units
 */
export function wholeLines(
  lines: readonly string[],
  sizeMax: number,
  sizeOf: (text: string) => number = text => text.length,
): string {
  const all = lines.join('\n');
  if (sizeOf(all) <= sizeMax) return all;
  let kept = '';
  for (const line of lines) {
    if (sizeOf(`${kept}${line}\n${ELLIPSIS}`) > sizeMax) break;
    kept += `${line}\n`;
  }
  return kept + ELLIPSIS;
}

/** The size of a text in UTF-8. */
export const bytesOf = (text: string): number => Buffer.byteLength(text);
