// Checks each manifest against its kind: by JSON schema, and as an object literal by its TypeScript type,
// which rejects unknown fields too. A cluster silently ignores a misspelt probe.
import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { parseAllDocuments } from 'yaml';

const NOT_KUBERNETES = ['kustomize.config.k8s.io/v1beta1'];
const TSC = join(import.meta.dirname, '../../node_modules/.bin/tsc');
const TSC_FLAGS = [
  '--ignoreConfig',
  '--noEmit',
  '--strict',
  '--skipLibCheck',
  '--module',
  'esnext',
  '--moduleResolution',
  'bundler',
];
/** Inside this folder, so that TypeScript resolves the types */
const LITERALS = join(import.meta.dirname, 'node_modules/.manifests');

const literals = [];
const problems = [];

mkdirSync(LITERALS, { recursive: true });
for (const file of process.argv.slice(2)) {
  for (const [index, document] of parseAllDocuments(readFileSync(file, 'utf8')).entries()) {
    const manifest = document.toJS();
    if (NOT_KUBERNETES.includes(manifest.apiVersion)) continue;
    const problem = document.errors[0]?.message ?? (await schemaProblem(manifest));
    if (problem) problems.push(`${file}: ${problem}`);
    else literals.push(writeLiteral(`${basename(file, '.yaml')}-${index}.ts`, manifest));
  }
}
if (literals.length > 0) {
  const { stdout, status } = spawnSync(process.execPath, [TSC, ...TSC_FLAGS, ...literals], {
    encoding: 'utf8',
  });
  if (status !== 0) problems.push(stdout);
}
rmSync(LITERALS, { recursive: true });
for (const problem of problems) console.error(problem);
process.exitCode = problems.length > 0 ? 1 : 0;

async function schemaProblem(manifest) {
  const { apiVersion, kind } = manifest;
  try {
    const { [kind]: Model } = await import(`kubernetes-models/${apiVersion}`);
    if (!Model) return `there is no ${kind} in ${apiVersion}`;
    new Model(manifest).validate();
  } catch (error) {
    return `${kind}: ${error.message}`;
  }
}

function writeLiteral(name, manifest) {
  const path = join(LITERALS, name);
  const { apiVersion, kind } = manifest;
  writeFileSync(
    path,
    `import type { I${kind} } from 'kubernetes-models/${apiVersion}';\n` +
      `export default ${JSON.stringify(manifest, null, 2)} satisfies I${kind};\n`,
  );
  return path;
}
