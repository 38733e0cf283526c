/** The first, second, fourth, eighth … time: often enough to see, too seldom to flood. */
export const isPowerOfTwo = (count: number): boolean => (count & (count - 1)) === 0;
