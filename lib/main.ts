#!/usr/bin/env node
import { nodeProblem } from './domain/node-problem.ts';

// An older Node may not even parse the rest, so nothing else is imported before this is known.
const problem = nodeProblem(process.versions.node);
if (problem !== null) {
  process.stderr.write(`${problem}\n`);
  process.exitCode = 1;
} else {
  const { runMain } = await import('./app/process/run-main.ts');
  await runMain(process.argv.slice(2), process.env);
}
