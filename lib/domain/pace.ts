/* How the service paces its work, in ms; measured in docs/decisions. */

/** How long before they fall due slots are leased */
export const AHEAD_MS = 300;
/** How long before the next slot that is not leased yet falls due more are asked for */
const LEAD_MS = 100;
/** Shortest time from one lease pass to the next that only the clock asks for */
const PACE_MS = 50;
/** Checks that finish within this time of each other are recorded together */
const LINGER_MS = 100;

/** As the pipeline takes it. */
export const PACE = { leadMs: LEAD_MS, paceMs: PACE_MS, lingerMs: LINGER_MS } as const;
