/** `postgres://host:port/database` of a DSN: enough to tell servers apart, without user, password or options. */
export function redactDsn(dsn: string): string {
  const url = URL.parse(dsn.replace('@/', '@localhost/')); // the host may stand in ?host= alone
  if (url === null) return 'postgres://…';
  return `postgres://${url.searchParams.get('host') ?? url.host}${url.pathname}`;
}
