/** What the process ends with: as asked, with trouble that the log names, or for a wrong configuration. */
export const EXIT = { asAsked: 0, trouble: 1, wrongConfiguration: 2 } as const;
