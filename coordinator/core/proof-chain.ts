/**
 * The proof of a run: a hash chain over what its journal says of steps, checkpoints and returns to
 * earlier states. It is a function of the journal's records alone. Pure.
 */
import { createHash } from 'node:crypto';
import { canonicalJson } from '../../lib/run/fingerprint.ts';
import type { BranchPoint, JournalRecord } from './events.ts';

/** What the first line has in place of the hash of the line before. */
export const NO_HASH = '0'.repeat(64);

/** Links of the chain: SHA-256 in hex. */
interface Linked {
  /** The hash of the line before. */
  readonly previous: string;
  /** That of the canonical JSON (keys sorted, no spaces) of the line without this field. */
  readonly hash: string;
}

type ProofFields =
  | {
      readonly kind: 'started';
      readonly runId: string;
      readonly configFingerprint: string;
      readonly stepCount: number;
      readonly totalSamples: number;
      readonly branchedFrom?: BranchPoint;
    }
  | {
      readonly kind: 'committed';
      readonly step: number;
      readonly stepCount: number;
      readonly generation: number;
      readonly attempt: number;
      readonly history: number;
      /** Index of the phase. */
      readonly phase: number;
      /** The first stream position, and how many from there on. */
      readonly samples: readonly [number, number];
      /** Micro-batches by slot. */
      readonly leases: Readonly<Record<string, readonly number[]>>;
      readonly compression: string;
      readonly gradientChecksum: number;
    }
  | { readonly kind: 'checkpoint'; readonly committedSteps: number; readonly stateSha256: string }
  | {
      readonly kind: 'restored';
      readonly history: number;
      readonly fromSteps: number;
      readonly toSteps: number;
    };

/** A line of the proof. */
export type ProofLine = ProofFields & Linked;

export class ProofChain {
  #previous = NO_HASH;
  #history = 1;

  /** The hash of the last line. */
  get hash(): string {
    return this.#previous;
  }

  /** Takes the next record of the journal. @returns its line, where it has one */
  add(record: JournalRecord): ProofLine | undefined {
    if (record.kind === 'restored') this.#history = record.history;
    const fields = fieldsOf(record, this.#history);
    if (fields === undefined) return undefined;
    const previous = this.#previous;
    const hash = hashOf({ ...fields, previous });
    this.#previous = hash;
    return { ...fields, previous, hash };
  }
}

/** What the hash of a line is of. @param line without its hash */
export function hashOf(line: object): string {
  return createHash('sha256').update(canonicalJson(line)).digest('hex');
}

function fieldsOf(record: JournalRecord, history: number): ProofFields | undefined {
  switch (record.kind) {
    case 'started': {
      const { runId, configFingerprint, stepCount, totalSamples, branchedFrom } = record;
      const branch = branchedFrom === undefined ? {} : { branchedFrom };
      return { kind: 'started', runId, configFingerprint, stepCount, totalSamples, ...branch };
    }
    case 'committed':
      return {
        kind: 'committed',
        step: record.step,
        stepCount: record.stepCount,
        generation: record.generation,
        attempt: record.attempt,
        history,
        phase: record.phaseIndex,
        samples: [record.firstPosition, record.sampleCount],
        leases: Object.fromEntries(
          record.leases.map(({ slot, microBatches }) => [slot, microBatches]),
        ),
        compression: record.compression,
        gradientChecksum: record.checksum,
      };
    case 'checkpointed': {
      const { committedSteps, stateSha256 } = record;
      return { kind: 'checkpoint', committedSteps, stateSha256 };
    }
    case 'restored': {
      const { fromSteps, toSteps } = record;
      return { kind: 'restored', history, fromSteps, toSteps };
    }
    case 'generation':
    case 'sharded':
    case 'nonfinite':
    case 'badSamples':
    case 'evaluated':
    case 'evicted':
    case 'resumed':
    case 'ended':
      return undefined;
  }
}
