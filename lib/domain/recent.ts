/** A map that holds the `entriesMax` entries used last and forgets the others. */
export interface Recent<Value> {
  /** Counts as a use. */
  readonly get: (key: string) => Value | undefined;
  readonly set: (key: string, value: Value) => void;
}

export const createRecent = <Value>(entriesMax: number): Recent<Value> => {
  const entries = new Map<string, Value>(); // a Map keeps its order of insertion: oldest use first

  const set = (key: string, value: Value): void => {
    entries.delete(key);
    entries.set(key, value);
    const [oldest] = entries.keys();
    if (entries.size > entriesMax && oldest !== undefined) entries.delete(oldest);
  };

  const get = (key: string): Value | undefined => {
    const value = entries.get(key);
    if (value !== undefined) set(key, value);
    return value;
  };

  return { get, set };
};
