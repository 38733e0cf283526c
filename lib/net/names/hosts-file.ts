import { isIP } from 'node:net';
import type { Address } from './resolution.ts';

export type Hosts = ReadonlyMap<string, readonly Address[]>;

/** Parses `/etc/hosts`: an address and its names per line; `#` starts a comment. */
export function parseHosts(text: string): Hosts {
  const hosts = new Map<string, Address[]>();
  for (const line of text.split('\n')) {
    const [address = '', ...names] = line.replace(/#.*/, '').trim().split(/\s+/);
    const family = isIP(address);
    if (family !== 4 && family !== 6) continue;
    for (const name of names) addTo(hosts, name.toLowerCase(), { address, family });
  }
  return hosts;
}

function addTo(hosts: Map<string, Address[]>, name: string, address: Address): void {
  const addresses = hosts.get(name);
  if (addresses === undefined) hosts.set(name, [address]);
  else addresses.push(address);
}
