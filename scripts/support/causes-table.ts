import { aboutCause, type Cause, DOWN_CAUSES, UNKNOWN_CAUSES } from '../../lib/domain/check/cause.ts';

/** Every cause as the documents show it, in Markdown. */
export function causesTable(): string {
  const rows = (outcome: string, causes: readonly Cause[]): string[] =>
    causes.map(
      cause => `| \`${cause}\` | ${outcome} | ${aboutCause(cause).means} | ${aboutCause(cause).remedy} |`,
    );
  return [
    '| cause | outcome | what it means | what to do |',
    '| --- | --- | --- | --- |',
    ...rows('down', DOWN_CAUSES),
    ...rows('unknown', UNKNOWN_CAUSES),
  ].join('\n');
}
