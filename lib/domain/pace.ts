/* How the service paces its work, in milliseconds. docs/decisions has the measurements. */

/** How long before they fall due slots are leased */
export const AHEAD_MS = 300;
/** How long before the next unleased slot falls due the timer asks for a lease pass */
const LEAD_MS = 100;
/** Least time between two lease passes that the timer asks for */
const PACE_MS = 50;
/** How long a finished check waits to be recorded together with others */
const LINGER_MS = 100;

/** The service's own pace, as part of `PipelineSettings`. */
export const PACE = { leadMs: LEAD_MS, paceMs: PACE_MS, lingerMs: LINGER_MS } as const;
