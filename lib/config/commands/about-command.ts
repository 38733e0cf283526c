import type { Part } from '../parts.ts';
import type { Key } from '../settings.ts';

/** One command: its parsing, its help and its row in docs/COMMANDS.md come from this. */
export interface AboutCommand {
  /** Its words, as its help shows them after its name */
  readonly usage: string;
  /** In one line of help: what it does */
  readonly does: string;
  /** What its help adds; wrapped there */
  readonly more: string;
  /** What its words are, how many it takes, and what a problem calls one of them */
  readonly words: {
    readonly become: 'urls' | 'targets' | 'files' | 'statements' | 'names' | 'nameAndUrl' | 'alerts';
    readonly min: number;
    readonly max: number;
    readonly called: string;
    /** A flag that can stand in their place */
    readonly or?: Key;
  };
  /** Its flags, in reading order, and its words: together its config */
  readonly takes: readonly Part<unknown>[];
  readonly examples: readonly string[];
}

export const words = (become: AboutCommand['words']['become'], called: string, min = 0, max = Infinity) => ({
  become,
  min,
  max,
  called,
});
export const none = words('urls', 'URLs', 0, 0);
export const aName = words('names', 'one NAME', 1, 1);

/** What help says of a command that works before the first start. */
export const STARTS_SERVER =
  'Without --dsn, the bundled server is started for this command if it is not running.';
