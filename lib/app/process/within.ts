/** Resolves when the work is done, or after `durationMs`. Does not keep the process alive. */
export const within = (durationMs: number, work: Promise<unknown>): Promise<void> =>
  Promise.race([work.then(() => {}), new Promise<void>(resolve => setTimeout(resolve, durationMs).unref())]);
