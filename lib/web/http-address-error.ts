/** The server cannot listen on its address. `message` says why and what to do. */
export class HttpAddressError extends Error {
  override readonly name = 'HttpAddressError';

  /** @param code of the system's error */
  constructor(host: string, port: number, code: string) {
    super(
      `cannot serve metrics and health on ${host} port ${port}: ${REASONS[code] ?? code}; ` +
        'set --http-host and --http-port, or --http-port off',
    );
  }
}

const REASONS: Readonly<Record<string, string>> = {
  EADDRINUSE: 'the port is taken',
  EACCES: 'this user may not use the port',
  EADDRNOTAVAIL: 'this machine has no such address',
  ENOTFOUND: 'the host name does not resolve',
};
