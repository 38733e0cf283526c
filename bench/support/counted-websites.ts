import { fork } from 'node:child_process';
import { once } from 'node:events';

/** Cheap websites in their own process that count their requests. */
export interface CountedWebsites {
  readonly http: string;
  readonly https: string;
  /** The certificate authority of the second one, in PEM */
  readonly ca: string;
  readonly requestsSoFar: () => Promise<number>;
  readonly stop: () => void;
}

export async function startCountedWebsites(): Promise<CountedWebsites> {
  const child = fork(new URL('counted-websites-process.ts', import.meta.url));
  const [told] = (await once(child, 'message')) as [Pick<CountedWebsites, 'http' | 'https' | 'ca'>];
  return {
    ...told,
    requestsSoFar: async () => {
      child.send('?');
      const [count] = (await once(child, 'message')) as [number];
      return count;
    },
    stop: () => void child.kill(),
  };
}
