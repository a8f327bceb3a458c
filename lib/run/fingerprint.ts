/** Identifies what a run computes, whatever the order of keys in its file. */
import { createHash } from 'node:crypto';
import type { RunConfig } from './run-config.ts';

/** SHA-256 (hex) of the canonical JSON: keys sorted at every level. */
export function fingerprintOf(run: RunConfig): string {
  return createHash('sha256').update(canonicalJson(run)).digest('hex');
}

/** The same for two run files that train the same, whatever their clusters. */
export function trainingFingerprintOf(run: RunConfig): string {
  const training = canonicalJson({ ...run, cluster: undefined });
  return createHash('sha256').update(training).digest('hex');
}

/** JSON without spaces whose keys are sorted at every level, and undefined ones left out. */
export function canonicalJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(',')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const entries = Object.entries(value)
    .filter(([, one]) => one !== undefined)
    .sort(([left], [right]) => (left < right ? -1 : 1))
    .map(([key, one]) => `${JSON.stringify(key)}:${canonicalJson(one)}`);
  return `{${entries.join(',')}}`;
}
