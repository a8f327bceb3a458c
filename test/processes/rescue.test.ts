/** Workers whose coordinator never comes back keep the state, and the run goes on from it. */
import assert from 'node:assert/strict';
import { readdirSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { CommandProcess, runCommand } from '../support/processes.ts';
import { temporaryFolder, writeRunFile } from '../support/run-files.ts';

const DEADLINE = { timeout: 240_000 };

test(
  'workers whose coordinator is gone for good keep the state; the command that they print goes on',
  DEADLINE,
  async (context) => {
    const folder = temporaryFolder(context);
    const file = writeRunFile(folder, {
      batch: { globalSize: 16, microBatches: 4 },
      training: { steps: 30 },
      schedule: { phases: 1 },
      evaluation: { atPhaseEnd: false },
      cluster: {
        minWorkers: 2,
        heartbeatIntervalMs: 200,
        heartbeatTimeoutMs: 4_000,
        reconnectMinutes: 0.02,
      },
      engine: { name: 'js' },
    });
    const runs = join(folder, 'runs');
    const elsewhere = join(folder, 'undisturbed');
    const args = ['train', file, '--workers', '2', '--runs', elsewhere, '--json'];
    const undisturbed = await runCommand(context, args);
    const place = ['--port', '0', '--runs', runs];
    const coordinator = new CommandProcess(context, ['coordinator', file, ...place]);
    const [, url = ''] = await coordinator.line(/--coordinator (ws:\S+)/);
    const home = join(folder, 'home');
    const workers = [0, 1].map(
      () =>
        new CommandProcess(context, ['worker', '--coordinator', url], {
          environment: { CRESCENDO_HOME: home },
        }),
    );
    await coordinator.line(/ 13\/30 /);
    coordinator.signal('SIGKILL');
    await coordinator.exit();
    // With its disk.
    renameSync(runs, join(folder, 'lost'));
    const rescued: string[] = [];
    for (const worker of workers) {
      const { exitCode, stderr } = await worker.exit();
      assert.equal(exitCode, 1, stderr);
      assert.match(stderr, /CRESCENDO_COORDINATOR_UNREACHABLE/);
      const [, kept = ''] = /go on from it with "crescendo resume (\S+)"/.exec(stderr) ?? [];
      rescued.push(kept);
    }
    const names = readdirSync(join(home, 'rescued')).map((name) => join(home, 'rescued', name));
    assert.deepEqual(names.sort(), [...rescued].sort(), 'each keeps its own');
    const [kept = ''] = rescued;
    const resumed = await runCommand(context, ['resume', kept, '--workers', '2', '--json']);
    assert.equal(resumed.exitCode, 0, resumed.stderr);
    assert.match(resumed.stderr, /1[2-9]\/30/, 'it goes on from where it was');
    assert.equal(shaOf(resumed.stdout), shaOf(undisturbed.stdout));
  },
);

function shaOf(stdout: string): string {
  const { weightsSha256 } = JSON.parse(stdout) as { weightsSha256: string };
  assert.match(weightsSha256, /^[0-9a-f]{64}$/);
  return weightsSha256;
}
