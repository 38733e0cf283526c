import type { Act } from './scripted-website.ts';

/** Holds up whatever comes to it until it is opened, and nothing from then on. */
export interface Gate {
  readonly behind: (act: Act) => Act;
  readonly open: () => void;
}

export function createGate(): Gate {
  const waiting: (() => void)[] = [];
  let isOpen = false;
  return {
    behind: act => (request, response) => {
      if (isOpen) act(request, response);
      else waiting.push(() => act(request, response));
    },
    open: () => {
      isOpen = true;
      for (const proceed of waiting.splice(0)) proceed();
    },
  };
}
