// The website for fetch-cpu.ts, in its own process, so that only the client is measured.
import { createAuthority, createIdentity } from '../../../spec/support/certificates.ts';
import { respond, startScriptedWebsite } from '../../../spec/support/scripted-website.ts';

const acts = { '*': respond({ body: 'x'.repeat(1000) }) };
const authority = createAuthority();
const identity = createIdentity(['127.0.0.1'], authority);
const plain = await startScriptedWebsite({ acts });
const secure = await startScriptedWebsite({ acts, identity });
process.send?.({ origins: [plain.origin, secure.origin], ca: authority.cert });
process.once('disconnect', () => process.exit());
