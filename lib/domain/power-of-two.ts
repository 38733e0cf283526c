/** True for 1, 2, 4, 8, …: which repetitions of a failure to log, so that an outage shows and does not flood. */
export const isPowerOfTwo = (count: number): boolean => (count & (count - 1)) === 0;
