/** `T` with every property optional. Undefined counts as left out, also under `exactOptionalPropertyTypes`. */
export type Optional<T> = { readonly [Name in keyof T]?: T[Name] | undefined };

/** Fills in what is left out. A spread would let undefined replace a default. */
export const withDefaults = <T extends object>(defaults: T, given: Optional<T>): T =>
  Object.fromEntries(
    Object.entries(defaults).map(([name, value]) => [name, given[name as keyof T] ?? value]),
  ) as T;
