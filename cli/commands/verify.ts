/** `crescendo verify`: checks that what a run folder says of its run holds. */
import type { Command } from 'commander';
import { replayRun, type Replay } from '../../lib/launch/replay.ts';
import {
  textOfFinding,
  verificationError,
  verifyRun,
  type Verification,
} from '../../lib/launch/verify.ts';
import { wholeNumber } from '../arguments.ts';
import { longRunning, print, printProgress } from '../output.ts';
import { progressOutput } from '../standard-output.ts';

interface VerifyFlags {
  replay?: number;
  json?: boolean;
}

export function addVerifyCommand(program: Command): void {
  program
    .command('verify <run-folder>')
    .description('check the journal, proof and checkpoints of a run, and train steps of it again')
    .option(
      '--replay <steps>',
      'train so many steps again on one worker, and compare their gradients',
      wholeNumber('the count of steps', 1, 1_000_000_000),
    )
    .option('--json', 'print what was found as JSON')
    .addHelpText(
      'after',
      '\nExample:\n  crescendo verify runs/20260102-030405-a1b2 --replay 10\n\n' +
        'What it proves, and what not: docs/proof.md',
    )
    .action(verify);
}

async function verify(runFolder: string, flags: VerifyFlags): Promise<void> {
  const signal = longRunning('\nstopping');
  const verification = await verifyRun(runFolder);
  const isSound = verification.findings.length === 0;
  const replay =
    flags.replay !== undefined && isSound
      ? await replayRun(verification, { steps: flags.replay, progress: progressOutput, signal })
      : undefined;
  const whole = { ...verification, findings: [...verification.findings, ...findingsOf(replay)] };
  if (flags.json === true) print(JSON.stringify(summaryOf(whole, replay)));
  else describe(whole, replay);
  if (whole.findings.length > 0) throw verificationError(whole);
}

function findingsOf(replay: Replay | undefined): Verification['findings'] {
  return replay?.finding === undefined ? [] : [replay.finding];
}

function describe(verification: Verification, replay: Replay | undefined): void {
  const { runId, stepCount, audit, proof, checkpoints, findings } = verification;
  const { branchedFrom, firstStep, committedSteps, samplesUsed, redoneSteps, redoneAlike } = audit;
  print(
    `run ${runId}: ${committedSteps} of ${stepCount} steps committed, ${samplesUsed} samples used` +
      (redoneSteps === 0 ? '' : `, ${redoneSteps} steps done again, ${redoneAlike} of them alike`),
  );
  if (firstStep > 0) {
    const origin = branchedFrom === undefined ? 'a saved state' : `run ${branchedFrom.runId}`;
    print(`it begins at step ${firstStep}, from ${origin}, which is not checked here`);
  }
  print(`proof.jsonl: ${proof.lineCount} of ${proof.expectedCount} lines, last hash ${proof.hash}`);
  print(`checkpoints that are whole: after ${checkpoints.join(', ') || 'no'} steps`);
  if (replay !== undefined && replay.finding === undefined) {
    const last = replay.firstStep + replay.stepCount - 1;
    print(`steps ${replay.firstStep} to ${last} were done again, with the same gradients`);
  }
  for (const finding of findings) printProgress(textOfFinding(finding));
}

function summaryOf(verification: Verification, replay: Replay | undefined): object {
  const { runId, folderPath, stepCount, audit, proof, checkpoints, findings } = verification;
  return {
    runId,
    folder: folderPath,
    holds: findings.length === 0,
    findings,
    stepCount,
    firstStep: audit.firstStep,
    branchedFrom: audit.branchedFrom ?? null,
    committedSteps: audit.committedSteps,
    samplesUsed: audit.samplesUsed,
    redoneSteps: audit.redoneSteps,
    redoneAlike: audit.redoneAlike,
    proof: { lines: proof.lineCount, expectedLines: proof.expectedCount, hash: proof.hash },
    checkpoints,
    replay:
      replay === undefined ? null : { firstStep: replay.firstStep, stepCount: replay.stepCount },
  };
}
