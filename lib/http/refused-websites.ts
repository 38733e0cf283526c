import type { PrivateTargets } from '../domain/private-targets.ts';
import { createAddressGuard } from './address-guard.ts';
import { localAddresses } from './resolve-name.ts';

/** Of urls that name an address or this machine, those that the guard will refuse, and what to set for them. */
export function refusedWebsites(urls: readonly string[], privateTargets: PrivateTargets) {
  const guard = createAddressGuard(privateTargets);
  return urls.flatMap(url => {
    const addresses = localAddresses(new URL(url).hostname);
    const permission = addresses && guard(addresses);
    return permission?.kind === 'refused' ? [{ url, reason: permission.detail }] : [];
  });
}
