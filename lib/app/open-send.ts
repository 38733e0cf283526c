import { defer, switchMap } from 'rxjs';
import type { Send } from '../alerting/ports.ts';
import type { Secrets } from '../checking/ports.ts';
import type { PrivateTargets } from '../domain/target/private-targets.ts';
import type { Resolve } from '../net/names/resolution.ts';

export interface OpenSendSettings {
  readonly resolve: Resolve;
  readonly privateChannels: PrivateTargets;
  /** Null: mail cannot be sent */
  readonly smtpUrl: string | null;
  /** By default texts stand for themselves */
  readonly secrets?: Secrets | undefined;
}

/** Sends alerts to channels. What that takes is loaded with the first message: most workers never send one. */
export function openSend({
  secrets = text => ({ kind: 'known', text }),
  ...settings
}: OpenSendSettings): Send {
  let loading: Promise<Send> | undefined;
  const load = async (): Promise<Send> => {
    const { createSend } = await import('../channels/create-send.ts');
    return createSend({ ...settings, secrets });
  };
  return (channel, message) =>
    defer(() => {
      loading ??= load();
      return loading;
    }).pipe(switchMap(send => send(channel, message)));
}
