// The websites for beside.ts, in their own process, so that their work does not delay the measurements.
import { startHostileWebsite } from '../../spec/support/hostile/hostile-website.ts';
import { hang, respond, startScriptedWebsite } from '../../spec/support/scripted-website.ts';

const healthy = await startScriptedWebsite({ acts: { '*': respond({ body: 'all is well' }) } });
const silent = await startScriptedWebsite({ acts: { '*': hang } });
const hostile = await startHostileWebsite();
process.send?.({ port: healthy.port, silentPort: silent.port, hostile: hostile.urls });
process.once('disconnect', () => process.exit());
