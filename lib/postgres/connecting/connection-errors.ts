/** A file that the DSN names cannot be used. Waiting does not help. */
export class ConnectionFileError extends Error {
  override readonly name = 'ConnectionFileError';
}

/** The server answered, but it is not what `target_session_attrs` asks for. It may become so. */
export class UnwantedServerError extends Error {
  override readonly name = 'UnwantedServerError';
}

/** None of the DSN's servers can be used; `errors` has the reason of each. */
export class NoServerError extends AggregateError {
  override readonly name = 'NoServerError';

  /** A server answered, but is of the wrong kind: a promotion may be under way */
  get isOneUnwanted(): boolean {
    return this.errors.some(error => error instanceof UnwantedServerError);
  }
}
