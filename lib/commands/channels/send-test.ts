import { firstValueFrom } from 'rxjs';
import type { Sent } from '../../alerting/channel.ts';
import { createSend } from '../../channels/create-send.ts';
import { testMessages } from '../../channels/test-messages.ts';
import type { ServiceConfig } from '../../config/service-settings.ts';
import type { Environment } from '../../config/sources.ts';
import { createNameResolver } from '../../net/names/resolve-name.ts';
import type { ChannelToSendTo } from '../../postgres/channels/channels.ts';
import { createSecrets } from '../../secrets/create-secrets.ts';

/** How messages are sent: the settings of the service. */
export interface Sending {
  readonly config: Pick<ServiceConfig, 'smtpUrl' | 'privateChannels' | 'secretsFolder'>;
  readonly environment: Environment;
}

export interface Tested {
  readonly channel: ChannelToSendTo;
  readonly sent: Sent;
  readonly afterMs: number;
}

/** Sends a test message to each channel, one after the other, as the service would. Records nothing. */
export async function* sendTests(
  channels: readonly ChannelToSendTo[],
  { config, environment }: Sending,
): AsyncGenerator<Tested> {
  const names = createNameResolver();
  try {
    const send = createSend({
      resolve: names.resolve,
      secrets: createSecrets({ environment, folder: config.secretsFolder }),
      privateChannels: config.privateChannels,
      smtpUrl: config.smtpUrl,
    });
    for (const channel of channels) {
      const startedAtMs = performance.now();
      let sent: Sent = { kind: 'accepted' };
      for (const message of testMessages(channel, Date.now()))
        if (sent.kind === 'accepted') sent = await firstValueFrom(send(channel, message));
      yield { channel, sent, afterMs: Math.round(performance.now() - startedAtMs) };
    }
  } finally {
    names.close();
  }
}
