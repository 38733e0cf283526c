import type { PrivateTargets } from '../../domain/target/private-targets.ts';
import { localAddresses } from '../names/resolve-name.ts';
import { createAddressGuard } from './address-guard.ts';

/**
 * Finds URLs with a literal address or localhost that the guard will refuse, and says which setting allows
 * them.
 */
export function refusedWebsites(urls: readonly string[], privateTargets: PrivateTargets) {
  const guard = createAddressGuard(privateTargets);
  return urls.flatMap(url => {
    const addresses = localAddresses(new URL(url).hostname);
    const permission = addresses && guard(addresses);
    return permission?.kind === 'refused' ? [{ url, reason: permission.detail }] : [];
  });
}
