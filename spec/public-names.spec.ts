import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';

const ROOT = join(import.meta.dirname, '..');
const MANUAL = readFileSync(join(ROOT, 'docs/EMBEDDING.md'), 'utf8');

/** Of each entry. To take a name away, or to give it another meaning, breaks programs: say so in the changelog. */
const ENTRIES = {
  index: {
    values: `DOWN_CAUSES METHODS NO_PHASES PACE UNKNOWN_CAUSES aboutCause answered backoffMs checkTarget
      combineHooks createFetch createMatcher createMonitor createNameResolver createSecrets failed judge
      monitor redactUrl targetOf`,
    types: `AboutCause Address AlertKind AlertState Answer Backoff Cause Certificate Change ChangedTarget Channel
      ChannelKind Check CheckSettings Confirmations Count Credentials DnsCause DownCause Ending
      Fetch FetchSettings Hooks Hop Lease LeasePass Limits Logger Match Matcher MatcherSettings
      Message Method Missed MonitorNumbers MonitorOptions NameResolver NameResolverSettings News
      Observation Occupancy Outcome Pattern Phases PipelineSettings Ports PrivateTargets Recorded
      Resolution Resolve Returned Rules SecretSources Secrets Send Sent Settled SkipReason Skipped
      Slot SlowLaneHolder SomeHooks StatusRange Target TargetDraft Told Transition UnknownCause
      Verdict Website WorkerLoad`,
  },
  operators: { values: 'beside coalesceMap gatherMap retryWithBackoff sleep', types: '' },
  postgres: {
    values: `BundledServerError EchoLostError SchemaError addTargets connectDatabase ensurePartitions
      holdBatches keepPartitions leaseSlots migrate postgresPorts prepareDatabase recordChecks recordObservations
      requireCurrentSchema rollUp startBundledServer wakeUps`,
    types: `Added AlertingNow BatchChanges BundledServer BundledServerOptions Certificates ClockSetBack Database
      DatabaseSettings DatabaseWork HeldBatches KeepSettings LeaseSettings ListenSettings NewTargets
      ObservationSettings PoolSettings PostgresPortsSettings PrepareSettings Query RecordSettings
      RollUpSettings SchemaMismatch WakeUp WakeUpSettings WorkerRow`,
  },
} as const;

const words = (text: string): string[] => text.split(/\s+/).filter(word => word !== '');

/** Types are gone when it runs, so they are read where they are exported. */
function exportedTypes(entry: string): string[] {
  const text = readFileSync(join(ROOT, `lib/${entry}.ts`), 'utf8');
  const exported = [...text.matchAll(/^export (type )?\{([^}]*)\}/gm)].flatMap(([, all, names = '']) =>
    names.split(',').map(name => `${all ?? ''}${name.trim()}`),
  );
  return exported
    .filter(name => name.startsWith('type '))
    .map(name => name.slice(5))
    .filter(name => name !== '')
    .sort();
}

describe('The public names', () => {
  for (const [entry, { values, types }] of Object.entries(ENTRIES)) {
    it(`of ${entry} are these, and no more`, async () => {
      const module: object = await import(`../lib/${entry}.ts`);
      expect(Object.keys(module).sort()).to.deep.equal(words(values));
      expect(exportedTypes(entry)).to.deep.equal(words(types));
    });

    it(`of ${entry} are in the manual`, () => {
      const untold = words(values).filter(name => !new RegExp(`\\b${name}\\b`).test(MANUAL));
      expect(untold).to.deep.equal([]);
    });
  }

  it('are behind entries of the package, each with its types', () => {
    const { exports, sideEffects } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'));
    expect(exports).to.deep.equal({
      '.': { types: './dist/lib/index.d.ts', default: './dist/lib/index.js' },
      './operators': { types: './dist/lib/operators.d.ts', default: './dist/lib/operators.js' },
      './postgres': { types: './dist/lib/postgres.d.ts', default: './dist/lib/postgres.js' },
      './package.json': './package.json',
    });
    expect(sideEffects, 'a bundler leaves out what is not used').to.equal(false);
  });
});
