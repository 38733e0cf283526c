import type { Range } from '../support/random.ts';

export interface ChaosSettings {
  readonly seed: number;
  readonly durationMs: number;
  readonly workers: number;
  readonly targets: number;
  readonly intervalSeconds: Range;
  /** Made, and gone afterwards */
  readonly folder: string;
  /** Where to keep the workers' logs; null = nowhere */
  readonly logFolder: string | null;
  readonly say: (line: string) => void;
  /** Ends the run at once, by a rejection */
  readonly interrupted: AbortSignal;
}
