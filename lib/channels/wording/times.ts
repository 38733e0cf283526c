/** Times in one zone, with its abbreviation: `28 Nov 2026, 16:04:09 CET`. */
export interface Times {
  readonly full: (ms: number) => string;
  /** A span, the day once if both ends are on it: `28 Nov 2026, 16:04:09 – 16:16:02 CET` */
  readonly span: (fromMs: number, toMs: number) => string;
}

/** @param timeZone an IANA name; UTC if this Node does not know it, for a message must not fail by it */
export function timesIn(timeZone: string): Times {
  const zone = isKnown(timeZone) ? timeZone : 'UTC';
  const format = (options: Intl.DateTimeFormatOptions) =>
    new Intl.DateTimeFormat('en-GB', { timeZone: zone, ...options });
  const day = format({ day: 'numeric', month: 'short', year: 'numeric' });
  const clock = format({ hour: '2-digit', minute: '2-digit', second: '2-digit' });
  const zoned = format({ hour: '2-digit', minute: '2-digit', second: '2-digit', timeZoneName: 'short' });
  const full = (ms: number): string => `${day.format(ms)}, ${zoned.format(ms)}`;
  return {
    full,
    span: (fromMs, toMs) =>
      day.format(fromMs) === day.format(toMs)
        ? `${day.format(fromMs)}, ${clock.format(fromMs)} – ${zoned.format(toMs)}`
        : `${full(fromMs)} – ${full(toMs)}`,
  };
}

function isKnown(timeZone: string): boolean {
  try {
    return Boolean(new Intl.DateTimeFormat('en-GB', { timeZone }));
  } catch {
    return false;
  }
}
