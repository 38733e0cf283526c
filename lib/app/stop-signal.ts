/** The signals that ask for a graceful stop, with the exit code that a shell gives for each. */
const EXIT_CODES = { SIGHUP: 129, SIGINT: 130, SIGTERM: 143 } as const;
export type StopSignal = keyof typeof EXIT_CODES;

/** npm passes on a Ctrl-C that the terminal has sent to us already: that is one wish, not two. */
const ECHO_MS = 500;

/**
 * Resolves with the first SIGINT, SIGTERM, or SIGHUP (the terminal was closed). A second one, later than an echo, ends the process at once.
 *
 * Not left to the defaults: as process 1 of a container Node would ignore SIGTERM.
 */
export const stopSignal = (onSecond: (signal: StopSignal) => void): Promise<StopSignal> =>
  new Promise(resolve => {
    let firstAtMs: number | null = null;
    const onSignal = (signal: StopSignal): void => {
      firstAtMs ??= performance.now();
      resolve(signal);
      if (performance.now() - firstAtMs <= ECHO_MS) return;
      onSecond(signal);
      process.exit(EXIT_CODES[signal]);
    };
    for (const signal of Object.keys(EXIT_CODES)) process.on(signal, onSignal);
  });
