/** Twenty times what a website with many redirects sends besides bodies. */
const BYTES_MAX = 1024 * 1024;

/** Lines of heads, and chunks that cost more than their content. A line costs up to a microsecond. */
const LINES_MAX = 20_000;

/**
 * What a website may make us read besides bodies, over all redirects of a check and the attempts that confirm it.
 * Beyond that it would cost the checks beside it.
 */
export interface ReadingBudget {
  readonly bytesLeft: () => number;
  readonly takeBytes: (bytes: number) => void;
  /** False if they are more than are left */
  readonly takeLines: (lines: number) => boolean;
}

export function createReadingBudget(): ReadingBudget {
  let bytesLeft = BYTES_MAX;
  let linesLeft = LINES_MAX;
  return {
    bytesLeft: () => bytesLeft,
    takeBytes: bytes => {
      bytesLeft = Math.max(0, bytesLeft - bytes);
    },
    takeLines: lines => {
      linesLeft -= lines;
      return linesLeft >= 0;
    },
  };
}
