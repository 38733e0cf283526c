import type { Optional } from '../../domain/with-defaults.ts';
import { HOOK_NAMES } from '../combine-hooks.ts';
import type { Hooks } from '../ports.ts';

/** Hooks that an embedder wrote; those left out do nothing. */
export type SomeHooks = Optional<Hooks>;

/**
 * Guards hooks that an embedder wrote: one that throws or rejects must not end the stream, whose leases would then
 * hold up their slots.
 *
 * @param onTrouble called with a hook's first error only: it may fail at each check. It must not throw
 */
export function guardHooks(hooks: SomeHooks, onTrouble: (name: keyof Hooks, error: unknown) => void): Hooks {
  const guarded = <Name extends keyof Hooks>(name: Name) => {
    let hasFailed = false;
    const caught = (error: unknown): void => {
      if (!hasFailed) onTrouble(name, error);
      hasFailed = true;
    };
    return (value: Parameters<Hooks[Name]>[0]): void => {
      try {
        // Called as a method, since hooks may be an object of a class; an async function fits the type as well
        const returned: unknown = (hooks as Record<Name, ((given: typeof value) => unknown) | undefined>)[
          name
        ]?.(value);
        if (returned instanceof Promise) returned.catch(caught);
      } catch (error) {
        caught(error);
      }
    };
  };
  return Object.fromEntries(HOOK_NAMES.map(name => [name, guarded(name)])) as unknown as Hooks;
}
