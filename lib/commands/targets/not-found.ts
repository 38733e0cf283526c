import type { TargetName } from '../../config/rules.ts';
import { isBareHost } from '../../targets/target-rules.ts';

/** Says that no target has this name. A key that looks like a host may be a URL without its scheme. */
export function notFound(index: number, name: TargetName): string {
  const isHost = 'key' in name && isBareHost(name.key);
  const hint = isHost ? `: no target has this key; did you mean https://${name.key}?` : '';
  return `website-monitor: target ${index + 1}: not found${hint}`;
}
