import type { PipelineSettings } from '../pipeline.ts';

const COUNTS = { workerNumber: 1, slowLaneSize: 0, batchSize: 1, queueSize: 1, confirm: 0 } as const;
const TIMES = ['leadMs', 'paceMs', 'lingerMs'] as const;

/** @throws RangeError that names every setting which the pipeline could not run with: it would wait for ever, or spin */
export function requireSettings(settings: Partial<PipelineSettings>): void {
  const problems = [
    ...Object.entries(COUNTS).flatMap(([name, least]) => {
      const value = settings[name as keyof typeof COUNTS];
      const isSound = value === undefined || (Number.isSafeInteger(value) && value >= least);
      return isSound ? [] : [`${name}: must be a whole number from ${least}`];
    }),
    ...TIMES.flatMap(name => {
      const value = settings[name];
      return value === undefined || value >= 0 ? [] : [`${name}: must be milliseconds from 0`];
    }),
  ];
  if (problems.length > 0) throw new RangeError(problems.join('; '));
}
