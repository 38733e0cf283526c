// The websites for phases.ts, in their own process, so that their work does not delay the measurements.
import type { RequestListener } from 'node:http';
import { createAuthority, createIdentity } from '../../../spec/support/certificates.ts';
import {
  afterMs,
  redirectTo,
  respond,
  startScriptedWebsite,
} from '../../../spec/support/scripted-website.ts';

const overTime: RequestListener = (_request, response) => {
  response.write('begun');
  setTimeout(() => response.end('ended'), 50);
};
const acts = {
  '/': respond({ body: 'x'.repeat(1000) }),
  '/late': afterMs(50, respond({ body: 'late' })),
  '/long': overTime,
  '/moved': afterMs(20, redirectTo('/moved-again')),
  '/moved-again': afterMs(20, redirectTo('/')),
};
const authority = createAuthority();
const identity = createIdentity(['localhost'], authority);
const plain = await startScriptedWebsite({ acts });
const secure = await startScriptedWebsite({ acts, identity });
process.send?.({
  plain: `http://localhost:${plain.port}`,
  secure: `https://localhost:${secure.port}`,
  ca: authority.cert,
});
process.once('disconnect', () => process.exit());
