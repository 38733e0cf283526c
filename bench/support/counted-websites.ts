import { fork } from 'node:child_process';
import { once } from 'node:events';

/** Websites in a process of their own, which cost little and count what they are asked. */
export interface CountedWebsites {
  readonly http: string;
  readonly https: string;
  /** The authority of the second one's certificate, in PEM */
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
