/** Checks that what a run folder says of its run holds: journal, proof, checkpoints. */
import { join } from 'node:path';
import { CrescendoError, messageOf } from '../base/errors.ts';
import { auditJournal, type Audit, type Finding } from '../../coordinator/core/journal-audit.ts';
import { checkProof, type ProofCheck } from '../../coordinator/core/proof-check.ts';
import { stateSha256Of } from '../checkpoint/manifest.ts';
import type { CheckpointEntry, CheckpointStore } from '../checkpoint/store.ts';
import { nodeFiles } from '../storage/node-files.ts';
import { fingerprintOf } from '../run/fingerprint.ts';
import type { RunPlan } from '../run/plan.ts';
import type { RunConfig } from '../run/run-config.ts';
import { keptCheckpoints, withBlocks } from './run-checkpoints.ts';
import { planOfRecords, readRun, type RecordedRun } from './run-records.ts';

/** A larger proof is not read. */
const PROOF_BYTES_MAX = 2 ** 31 - 1;

export interface Verification {
  readonly runId: string;
  readonly folderPath: string;
  readonly stepCount: number;
  readonly audit: Audit;
  readonly proof: ProofCheck;
  /** Committed steps of the checkpoints whose files are whole, newest first. */
  readonly checkpoints: readonly number[];
  /** Everything that does not hold, with what is wrong first where steps go. */
  readonly findings: readonly Finding[];
  /** What the run is, for a replay. */
  readonly run: RunConfig;
  readonly plan: RunPlan;
}

/**
 * Reads a run folder, also that of a run that goes on, and changes nothing in it.
 * @throws CRESCENDO_RUN_FOLDER_UNUSABLE where it is none; what does not hold is in `findings`
 */
export async function verifyRun(path: string): Promise<Verification> {
  // The proof is read first: a run that goes on writes it behind its journal.
  const bytes = nodeFiles.readFile(join(path, 'proof.jsonl'), PROOF_BYTES_MAX);
  const recorded = readRun(path);
  const { run, runId, folderPath, records, isTorn } = recorded;
  const plan = await planOfRecords(run, records);
  const audit = auditJournal(records, plan, fingerprintOf(run));
  const hasEnded = records.at(-1)?.kind === 'ended';
  const text = bytes === undefined ? undefined : Buffer.from(bytes).toString('utf8');
  const proof = checkProof(records, text, hasEnded);
  const { whole, damaged } = await checkCheckpoints(recorded, audit);
  const findings = [
    ...(isTorn ? [tornJournal(audit)] : []),
    ...audit.findings.map(inJournal),
    ...(proof.finding === undefined ? [] : [proof.finding]),
    ...configFindings(folderPath, run),
    ...damaged,
  ];
  const { stepCount } = plan;
  return { runId, folderPath, stepCount, audit, proof, checkpoints: whole, findings, run, plan };
}

/** @returns the error that says what was found first */
export function verificationError({ folderPath, findings }: Verification): CrescendoError {
  const [first, ...others] = findings;
  const more = others.length === 0 ? '' : `; ${others.length} more do not hold`;
  return new CrescendoError(
    'CRESCENDO_PROOF_INVALID',
    `${folderPath}: ${first === undefined ? 'nothing' : textOfFinding(first)}${more}`,
  );
}

export function textOfFinding({ step, what }: Finding): string {
  return step === undefined ? what : `step ${step}: ${what}`;
}

function inJournal({ step, what }: Finding): Finding {
  return { step, what: `${what} (journal.bin)` };
}

function tornJournal({ committedSteps }: Audit): Finding {
  const what =
    'journal.bin has something behind its last whole record: it was changed, or the machine lost ' +
    'power; crescendo resume moves it aside';
  return { step: committedSteps, what };
}

/** The run file is in config.json for people; the run goes by that in the journal. */
function configFindings(folderPath: string, run: RunConfig): Finding[] {
  const path = join(folderPath, 'config.json');
  const bytes = nodeFiles.readFile(path, 16 * 1024 * 1024);
  if (bytes === undefined) return [{ step: undefined, what: 'config.json is missing' }];
  try {
    const config = JSON.parse(Buffer.from(bytes).toString('utf8')) as RunConfig;
    if (fingerprintOf(config) === fingerprintOf(run)) return [];
  } catch (error) {
    return [{ step: undefined, what: `config.json cannot be read (${messageOf(error)})` }];
  }
  return [{ step: undefined, what: 'config.json is another run file than that of the journal' }];
}

async function checkCheckpoints(
  recorded: RecordedRun,
  { checkpoints }: Audit,
): Promise<{ readonly whole: number[]; readonly damaged: Finding[] }> {
  const damaged: Finding[] = [];
  const kept = await keptCheckpoints(recorded, (path, reason) => {
    damaged.push({ step: undefined, what: `${path}: ${reason}` });
  });
  const whole: number[] = [];
  for (const entry of kept.store.list()) {
    const { committedSteps, blocks } = entry;
    const expected = checkpoints.get(committedSteps);
    const isOther = expected !== undefined && expected !== stateSha256Of(blocks);
    const what = isOther
      ? 'its checkpoint is another than the journal says'
      : await damageOf(kept.store, entry);
    if (what === undefined) whole.push(committedSteps);
    else damaged.push({ step: committedSteps, what });
  }
  kept.close();
  return { whole, damaged };
}

/** Reads all of a checkpoint. @returns what is wrong with it */
async function damageOf(
  store: CheckpointStore,
  entry: CheckpointEntry,
): Promise<string | undefined> {
  try {
    await withBlocks(store, entry, async (blockOf) => {
      for (const index of entry.blocks.keys()) await blockOf(index);
    });
    return undefined;
  } catch (error) {
    return messageOf(error);
  }
}
