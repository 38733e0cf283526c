const TICK_MS = 10;

/** Measures for how long this process was held up in all: by others on the machine, or by its own event loop. */
export function measureHeldUpTime() {
  let heldUpMs = 0;
  let lastMs = performance.now();
  const ticking = setInterval(() => {
    const nowMs = performance.now();
    heldUpMs += Math.max(0, nowMs - lastMs - 2 * TICK_MS);
    lastMs = nowMs;
  }, TICK_MS);
  return { heldUpMs: () => heldUpMs, stop: () => clearInterval(ticking) };
}
