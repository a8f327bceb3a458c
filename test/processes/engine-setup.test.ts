/** The engine's set-up in real processes that compete, and one that is killed. */
import assert from 'node:assert/strict';
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { prepareTensorflow } from '../../lib/tensorflow/load.ts';
import { CommandProcess } from '../support/processes.ts';
import { temporaryFolder } from '../support/run-files.ts';

const isPinned = process.platform === 'linux' && ['x64', 'arm64'].includes(process.arch);
const SKIP = isPinned ? false : `no wheel is pinned for ${process.platform}-${process.arch}`;

test(
  'after a killed set-up, two at once make one engine, and both work',
  { timeout: 240_000, skip: SKIP },
  async (context) => {
    // The library is there already, so that only the binding is compiled: the rest is alike.
    const { libraryFolder } = await prepareTensorflow();
    const home = join(temporaryFolder(context), 'home');
    const environment = { CRESCENDO_HOME: home, CRESCENDO_TF_DIR: libraryFolder };
    const victim = new CommandProcess(context, ['doctor', '--json'], { environment });
    await victim.line(/compiling/);
    victim.child.kill('SIGKILL');
    await victim.exit();
    const engines = join(home, 'engine');
    assert.ok(!readdirSync(engines).some((name) => existsSync(join(engines, name, 'ready.json'))));

    const both = ['doctor', 'doctor'].map(
      (command) => new CommandProcess(context, [command, '--json'], { environment }),
    );
    const results = await Promise.all(both.map((one) => one.exit()));
    for (const { exitCode, stdout, stderr } of results) {
      assert.equal(exitCode, 0, stderr);
      assert.equal((JSON.parse(stdout) as { ok: boolean }).ok, true);
    }
    const compiled = results.filter(({ stderr }) => stderr.includes('compiling'));
    assert.equal(compiled.length, 1, 'one of them compiles, the other waits');
    const left = readdirSync(engines);
    assert.equal(left.length, 1, `only the engine is left: ${left.join(', ')}`);
  },
);
