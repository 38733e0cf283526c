import { setTimeout as delay } from 'node:timers/promises';
import { styleText } from 'node:util';
import type { Verdict } from '../domain/check/check.ts';
import { checkLine } from '../log/check-line.ts';
import { isWorthWaitingFor } from '../postgres/error-codes.ts';
import { followResults, type RecordedCheck } from '../postgres/reports/follow-results.ts';
import { explainTrouble } from './explain-trouble.ts';
import type { Screen } from './screen.ts';
import { targetText } from './target-text.ts';
import { withDatabase } from './with-database.ts';
import type { Run } from './work.ts';

const POLL_MS = 1_000;
/** The same as `tail` */
const SHOWN_AT_FIRST = 10;

/** Prints checks as they are recorded, until a signal arrives or the reader closes the pipe. */
export const tail: Run<'tail'> = work =>
  withDatabase(work, async database => {
    const { config, screen } = work;
    const next = followResults(database, config, SHOWN_AT_FIRST);
    const show = (checks: readonly RecordedCheck[]): Promise<void> =>
      screen.print(
        checks.map(check => `${config.json ? JSON.stringify(check) : line(check, screen)}\n`).join(''),
      );
    await show(await next());
    screen.tell('following; press Ctrl-C to stop');
    for (let isLost = false; ; ) {
      await delay(POLL_MS);
      try {
        await show(await next());
        isLost = false;
      } catch (error) {
        if (!isWorthWaitingFor(error)) throw error;
        if (!isLost) screen.tell(`website-monitor: waiting for the database: ${explainTrouble(error)}`);
        isLost = true;
      }
    }
  });

const COLOURS = { up: 'green', down: 'red', unknown: 'yellow' } as const;

function line(check: RecordedCheck, { isColoured, columns }: Screen): string {
  const { outcome, rechecks, firstCause, regexMatch } = check;
  const text = checkLine(
    {
      startedAtMs: Date.parse(check.startedAt),
      verdict: verdictOf(check),
      httpStatus: check.httpStatus,
      match: regexMatch === null ? null : { kind: regexMatch ? 'found' : 'absent' },
      phases: check.phases,
      lease: { target: { url: targetText(check) } },
      confirmations: rechecks === null || firstCause === null ? null : { count: rechecks, firstCause },
    },
    columns(),
  );
  return isColoured ? styleText(COLOURS[outcome], text, { validateStream: false }) : text;
}

const verdictOf = ({ outcome, cause, detail }: RecordedCheck): Verdict =>
  outcome === 'up' || cause === null ? { outcome: 'up' } : { outcome, cause, detail: detail ?? '' };
