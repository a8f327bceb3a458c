/** `crescendo status`: what a coordinator says about its run. */
import { describe as describeStraggler } from '../../coordinator/core/stragglers.ts';
import type { Command } from 'commander';
import { coordinatorStatus, type RunStatus } from '../../lib/launch/status.ts';
import { print } from '../output.ts';

export function addStatusCommand(program: Command): void {
  program
    .command('status')
    .description("show a coordinator's state and its reason")
    .option('--coordinator <url>', 'such as http://127.0.0.1:9464', 'http://127.0.0.1:9464')
    .option('--json', 'print all of it as JSON')
    .addHelpText('after', '\nExample:\n  crescendo status --coordinator http://127.0.0.1:9464')
    .action(status);
}

async function status(flags: { coordinator: string; json?: boolean }): Promise<void> {
  const { text, state } = await coordinatorStatus(flags.coordinator);
  if (flags.json === true) {
    process.stdout.write(text);
    return;
  }
  if (!('runId' in state)) {
    print(`${state.status} (${state.reason})`);
    return;
  }
  process.stdout.write(
    `run ${state.runId}: ${state.status} (${state.reason})\n` +
      `step ${state.committedSteps} of ${state.stepCount}, phase ${state.phase.index + 1} at ` +
      `${state.phase.imageSizePx} px\n` +
      `generation ${state.generation}: slots ${state.members.join(', ') || 'none'}` +
      `${state.joining.length > 0 ? `; joining ${state.joining.join(', ')}` : ''}\n` +
      (state.waitsFor === undefined ? '' : `waits in ${state.waitsFor}\n`) +
      state.stragglers.map((one) => `${describeStraggler(one)}\n`).join('') +
      state.heldOff.map(describeHeldOff).join(''),
  );
}

function describeHeldOff({ machine, slot, losses, forMs }: RunStatus['heldOff'][number]): string {
  const seconds = Math.ceil(forMs / 1_000);
  return `held off: slot ${slot} on ${machine}, lost ${losses} times, for ${seconds} s more\n`;
}
