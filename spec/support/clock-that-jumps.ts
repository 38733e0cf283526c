/**
 * To be imported by a process before anything else: its wall clock, as JavaScript sees it, jumps by
 * WALL_CLOCK_JUMP_MS at two seconds of its life. Monotonic clocks and timers go on as they were.
 */
const jumpMs = Number(process.env.WALL_CLOCK_JUMP_MS);
const RealDate = Date;
const nowMs = (): number => RealDate.now() + (process.uptime() > 2 ? jumpMs : 0);

globalThis.Date = new Proxy(RealDate, {
  construct: (target, args) => new target(...((args.length > 0 ? args : [nowMs()]) as [number])),
  get: (target, name) => (name === 'now' ? nowMs : Reflect.get(target, name)),
});
