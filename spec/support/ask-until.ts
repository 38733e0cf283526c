import { setTimeout as delay } from 'node:timers/promises';

const ASK_AGAIN_AFTER_MS = 20;

/** Asks until the answer is true, for what nothing reports. Pauses in between, so that it slows down nothing. */
export async function askUntil(isSo: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await isSo())) await delay(ASK_AGAIN_AFTER_MS);
}
