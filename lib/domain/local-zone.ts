/** The time zone of the machine that this runs on. */
export const localZone = (): string => new Intl.DateTimeFormat().resolvedOptions().timeZone;
