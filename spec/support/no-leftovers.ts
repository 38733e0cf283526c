const ENDING_MAX_MS = 10_000;

/** For mocha, which loads this file before any spec: what specs leave open fails the run, not hangs it. */
export const mochaHooks = {
  afterAll() {
    const complain = () => {
      console.error(`still open after the last spec: ${process.getActiveResourcesInfo().join(', ')}`);
      process.once('exit', () => {
        process.exitCode = 1; // last, as mocha sets it to the number of failures on exit
      });
      process.exit();
    };
    setTimeout(complain, ENDING_MAX_MS).unref(); // fires only where something else keeps the process
  },
};
