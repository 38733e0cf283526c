import type { z } from 'zod';

/** What settings must be like together. */
export interface Combination<Settings> {
  /** The settings that it is about; a problem is reported for the first */
  readonly keys: readonly [keyof Settings, ...(keyof Settings)[]];
  readonly says: string;
  readonly holds: (settings: Settings) => boolean;
}

/** Judges each combination whose settings are valid one by one. */
export const together = <Schema extends z.ZodObject>(
  schema: Schema,
  combinations: readonly Combination<z.output<Schema>>[],
): Schema =>
  schema.superRefine(
    (settings, context) => {
      const broken = new Set<PropertyKey | undefined>(context.issues.map(({ path }) => path?.[0]));
      for (const { keys, says, holds } of combinations) {
        if (keys.some(key => broken.has(key)) || holds(settings)) continue;
        context.addIssue({ code: 'custom', path: [keys[0]], message: says });
      }
    },
    { when: () => true }, // by default zod waits until every single setting is valid
  );
