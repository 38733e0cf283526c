// Websites over HTTP and HTTPS, in their own process, so that only the checking is measured. Sends its
// number of requests whenever its parent sends a message.
import { createAuthority, createIdentity } from '../../spec/support/certificates.ts';
import { respond, startScriptedWebsite } from '../../spec/support/scripted-website.ts';

let requests = 0;
const answer = respond({ body: 'x'.repeat(1000) });
const acts = {
  '*': (...asked: Parameters<typeof answer>) => {
    requests += 1;
    answer(...asked);
  },
};
const authority = createAuthority();
const identity = createIdentity(['127.0.0.1'], authority);
const plain = await startScriptedWebsite({ acts });
const secure = await startScriptedWebsite({ acts, identity });
process.on('message', () => process.send?.(requests));
process.send?.({ http: plain.origin, https: secure.origin, ca: authority.cert });
process.once('disconnect', () => process.exit());
