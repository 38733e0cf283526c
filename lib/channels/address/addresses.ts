/** Where to send an HTTP request. */
export interface HttpAddress {
  /** Without user and password */
  readonly url: string;
  /** The header that the URL's user and password make; null if it has none */
  readonly authorization: string | null;
}

/** What a channel's URL says, by kind of channel. */
export interface Addresses {
  readonly webhook: HttpAddress;
  readonly email: { readonly recipients: readonly string[] };
  readonly slack: HttpAddress;
  readonly discord: HttpAddress;
  readonly telegram: HttpAddress & { readonly chat: string };
  readonly teams: HttpAddress;
  readonly ntfy: HttpAddress & { readonly topic: string };
  readonly pagerduty: HttpAddress & { readonly routingKey: string };
  readonly alertmanager: HttpAddress;
  readonly apprise: HttpAddress;
}
