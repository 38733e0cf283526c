/** How to complete a relative name: see `man 5 resolv.conf`. */
export interface SearchList {
  readonly domains: readonly string[];
  /** A name with at least this many dots is first tried as is */
  readonly ndots: number;
}

export function parseSearchList(resolvConf: string): SearchList {
  let domains: readonly string[] = [];
  let ndots = 1;
  for (const line of resolvConf.split('\n')) {
    const [keyword, ...values] = line.trim().split(/\s+/);
    if (keyword === 'search' || keyword === 'domain') domains = values.filter(domain => domain !== '.');
    if (keyword === 'options') ndots = ndotsIn(values) ?? ndots;
  }
  return { domains, ndots };
}

/** Returns the full names to try, in order. */
export function candidateNames(hostname: string, { domains, ndots }: SearchList): readonly string[] {
  if (hostname.endsWith('.')) return [hostname];
  const completed = domains.map(domain => `${hostname}.${domain}`);
  const dots = hostname.split('.').length - 1;
  return dots >= ndots ? [hostname, ...completed] : [...completed, hostname];
}

const NDOTS_MAX = 15;

function ndotsIn(options: readonly string[]): number | undefined {
  const ndots = options.findLast(option => /^ndots:\d+$/.test(option))?.slice('ndots:'.length);
  return ndots === undefined ? undefined : Math.min(Number(ndots), NDOTS_MAX);
}
