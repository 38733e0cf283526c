import type { Report } from './report.ts';

/** What stands below the title where there is no markup. */
export const plainLines = ({ facts, items, notes }: Report): readonly string[] => [
  ...facts.map(({ label, text }) => `${label}: ${text}`),
  ...items.map(({ text }) => text),
  ...notes,
];
