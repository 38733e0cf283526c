/** Most letters that a word may differ by: one, or a third of its length. */
const differencesMax = (word: string): number => Math.max(1, Math.floor(word.length / 3));

/** Returns the known word that a mistyped one was probably meant to be; undefined if none is near. */
export function nearest(word: string, known: Iterable<string>): string | undefined {
  const mistyped = word.toLowerCase();
  const near = [...known]
    .map(candidate => ({ candidate, distance: editDistance(mistyped, candidate.toLowerCase()) }))
    .filter(({ distance }) => distance <= differencesMax(word))
    .sort((one, other) => one.distance - other.distance);
  return near[0]?.candidate;
}

/** Letters to insert, remove, replace or swap with their neighbour (optimal string alignment). */
function editDistance(from: string, to: string): number {
  if (Math.abs(from.length - to.length) > differencesMax(from)) return Number.POSITIVE_INFINITY;
  const rows = [Array.from({ length: to.length + 1 }, (_, column) => column)];
  const at = (row: number, column: number): number => rows[row]?.[column] ?? 0;
  for (let row = 1; row <= from.length; row += 1) {
    const distances = [row];
    for (let column = 1; column <= to.length; column += 1) {
      const isSame = from[row - 1] === to[column - 1];
      const isSwapped = from[row - 1] === to[column - 2] && from[row - 2] === to[column - 1];
      distances[column] = Math.min(
        at(row - 1, column) + 1,
        (distances[column - 1] ?? 0) + 1,
        at(row - 1, column - 1) + (isSame ? 0 : 1),
        row > 1 && column > 1 && isSwapped ? at(row - 2, column - 2) + 1 : Number.POSITIVE_INFINITY,
      );
    }
    rows.push(distances);
  }
  return at(from.length, to.length);
}

/** Completes a problem: `; did you mean status?`, or else what to read. */
export const suggestion = (meant: string | undefined, otherwise: string): string =>
  meant === undefined ? `; ${otherwise}` : `; did you mean ${meant}?`;
