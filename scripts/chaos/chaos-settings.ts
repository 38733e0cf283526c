import type { Range } from '../support/random.ts';

export interface ChaosSettings {
  readonly seed: number;
  readonly durationMs: number;
  readonly workers: number;
  readonly targets: number;
  readonly intervalSeconds: Range;
  /** Created, and removed afterwards */
  readonly folder: string;
  /** Folder for the workers' logs; null = not kept */
  readonly logFolder: string | null;
  readonly say: (line: string) => void;
  /** Ends the run at once with a rejection */
  readonly interrupted: AbortSignal;
}
