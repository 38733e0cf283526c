#!/usr/bin/env node
import { randomUUID } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { runParsed } from './app/process/run-parsed.ts';
import { parseConfig } from './config/parse-config.ts';
import { mergeEnvironment } from './config/sources.ts';

const environment = mergeEnvironment(existsSync('.env') ? readFileSync('.env', 'utf8') : '', process.env);
// OpenTelemetry's exporters read the environment by themselves, and are to find what `.env` says, too.
for (const [name, text] of Object.entries(environment))
  if (name.startsWith('OTEL_')) process.env[name] = text;

const parsed = parseConfig(process.argv.slice(2), environment, {
  isTerminal: process.stdout.isTTY === true,
  randomUuid: randomUUID(),
});
process.exitCode = await runParsed(parsed, environment);
// What a pipe has not taken yet would be cut off, so only where a connection may never close.
if (parsed.kind === 'run' || parsed.kind === 'migrate') process.exit();
