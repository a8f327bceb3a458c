/** Identifies what a run computes, whatever the order of keys in its file. */
import { createHash } from 'node:crypto';
import type { RunConfig } from './run-config.ts';

/** SHA-256 (hex) of the canonical JSON: keys sorted at every level. */
export function fingerprintOf(run: RunConfig): string {
  return createHash('sha256').update(canonical(run)).digest('hex');
}

function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const entries = Object.entries(value)
    .filter(([, one]) => one !== undefined)
    .sort(([left], [right]) => (left < right ? -1 : 1))
    .map(([key, one]) => `${JSON.stringify(key)}:${canonical(one)}`);
  return `{${entries.join(',')}}`;
}
