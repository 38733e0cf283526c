/** The value below which the fraction `q` of `values` lies. */
export const quantile = (values: readonly number[], q: number): number => {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(q * sorted.length))] ?? Number.NaN;
};

export const median = (values: readonly number[]): number => quantile(values, 0.5);

/** Rounded to so many decimal places, as a number for `console.table`. */
export const rounded = (value: number, digits = 2): number => Number(value.toFixed(digits));
