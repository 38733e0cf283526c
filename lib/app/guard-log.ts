import type { Logger } from './reporter.ts';

/** Guards a logger that an embedder wrote: its failure has nowhere to be reported, and must stop nothing. */
export const guardLog = (log: Logger): Logger => ({
  warn: quietly((...said) => log.warn(...said)), // as a method: a logger may be an object of a class
  info: quietly((...said) => log.info(...said)),
});

const quietly =
  (tell: (...said: Parameters<Logger['warn']>) => unknown): Logger['warn'] =>
  (...said) => {
    try {
      const returned = tell(...said);
      if (returned instanceof Promise) returned.catch(() => {});
    } catch {}
  };
