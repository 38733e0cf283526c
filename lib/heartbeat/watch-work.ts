import { type Observable, ReplaySubject } from 'rxjs';
import type { Hooks } from '../checking/ports.ts';
import { afterPass, afterRecording, NOTHING_DUE, overdue } from './due-work.ts';

export interface WatchedWork {
  /** To be called by the pipeline */
  readonly hooks: Pick<Hooks, 'pass' | 'recorded'>;
  /** Emits with each lease pass; replays the last */
  readonly passes: Observable<unknown>;
  /** Says what is overdue now, or null if nothing is */
  readonly overdue: () => string | null;
}

/** Keeps track, from the pipeline's hooks, of the work that this worker owes. Asks the database nothing. */
export function watchWork(monotonicMs: () => number): WatchedWork {
  const passes = new ReplaySubject<void>(1);
  let due = NOTHING_DUE;
  return {
    hooks: {
      pass: pass => {
        due = afterPass(due, pass, monotonicMs());
        passes.next();
      },
      recorded: report => {
        due = afterRecording(due, report);
      },
    },
    passes,
    overdue: () => overdue(due, monotonicMs()),
  };
}
