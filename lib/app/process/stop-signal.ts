/** Signals that ask for a graceful stop, each with the exit code that shells use for it. */
const EXIT_CODES = { SIGHUP: 129, SIGINT: 130, SIGTERM: 143 } as const;
export type StopSignal = keyof typeof EXIT_CODES;

/** npm forwards a Ctrl-C that the terminal has already sent to us: it must not count twice. */
const ECHO_MS = 500;

/**
 * Resolves with the first SIGINT, SIGTERM, or SIGHUP (the terminal was closed). A second one exits at once.
 *
 * Not left to Node's defaults: as process 1 of a container it would ignore SIGTERM.
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
