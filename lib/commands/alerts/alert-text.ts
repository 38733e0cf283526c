import { cleanDetail } from '../../domain/clean-text.ts';
import type { ListedAlert } from '../../postgres/reports/alerts.ts';

/** `held by a silence`, or its state alone. */
export const stateText = ({ state, heldBy }: ListedAlert): string =>
  state === 'held' && heldBy !== null ? HOLDS[heldBy] : state;

const HOLDS = {
  silence: 'held by a silence',
  parent: 'held: what it depends on',
  network: 'held: own network?',
} as const;

/** What it is about: the target's name or URL, and its key. */
export const titleText = ({ name, url, subject, key, cause }: ListedAlert): string =>
  cleanDetail(`${name ?? url ?? (subject || cause)}${key === null ? '' : ` [${key}]`}`);
