// For `node --import`: runs the service with other values of constants that are not settings.
// BENCH_CONSTANTS = JSON array of [file, text in it, replacement]
import { registerHooks } from 'node:module';

const changes = JSON.parse(process.env.BENCH_CONSTANTS ?? '[]');

registerHooks({
  load(url, context, nextLoad) {
    const loaded = nextLoad(url, context);
    const wanted = changes.filter(([file]) => url.endsWith(file));
    if (wanted.length === 0) return loaded;
    const source = wanted.reduce((text, [file, from, to]) => {
      if (!text.includes(from)) throw new Error(`${file} has no "${from}"`);
      return text.replace(from, to);
    }, String(loaded.source));
    return { ...loaded, source };
  },
});
