/** Runs whose checkpoints are on a real S3 server. */
import assert from 'node:assert/strict';
import { cpSync, readdirSync, truncateSync } from 'node:fs';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { ObjectError } from '../../lib/storage/objects.ts';
import { uploadFile } from '../../lib/storage/upload-file.ts';
import { nodeFiles } from '../../lib/storage/node-files.ts';
import { writeFileSync } from 'node:fs';
import { CommandProcess, runCommand, type CommandResult } from '../support/processes.ts';
import { temporaryFolder, writeRunFile } from '../support/run-files.ts';
import { NO_S3_SERVER, S3Server } from '../support/s3-server.ts';

const OPTIONS = { timeout: 300_000, skip: NO_S3_SERVER };

interface StoredRun {
  readonly server: S3Server;
  readonly file: string;
  readonly runs: string;
  command(args: readonly string[]): Promise<CommandResult>;
  start(args: readonly string[]): CommandProcess;
}

async function aStoredRun(context: TestContext, store = 's3://bucket/runs'): Promise<StoredRun> {
  const server = await S3Server.start(context);
  const folder = temporaryFolder(context);
  const { environment } = server;
  return {
    server,
    file: aRunFile(folder, { everySteps: 5, store }),
    runs: join(folder, 'runs'),
    command: (args) => runCommand(context, args, { environment }),
    start: (args) => new CommandProcess(context, args, { environment }),
  };
}

function aRunFile(folder: string, checkpoint: Readonly<Record<string, unknown>>): string {
  return writeRunFile(folder, {
    batch: { globalSize: 16, microBatches: 4 },
    training: { steps: 30 },
    schedule: { phases: 1 },
    evaluation: { atPhaseEnd: false },
    checkpoint,
    engine: { name: 'js' },
  });
}

interface Summary {
  readonly runId: string;
  readonly weightsSha256: string;
  readonly uploadedWeights: readonly string[];
}

function summaryOf({ stdout, stderr, exitCode }: CommandResult): Summary {
  assert.equal(exitCode, 0, stderr);
  return JSON.parse(stdout) as Summary;
}

/** The weights of the same run without a store. */
async function undisturbed(context: TestContext): Promise<string> {
  const folder = temporaryFolder(context);
  const file = aRunFile(folder, { everySteps: 5 });
  const runs = join(folder, 'runs');
  return summaryOf(await runCommand(context, ['train', file, '--runs', runs, '--json']))
    .weightsSha256;
}

/** Requests that upload a part of the state after so many steps. */
function partOf(steps: string): RegExp {
  return new RegExp(`^PUT /bucket/runs/[^ ]*step-000000${steps}\\.[^ ]*partNumber=`);
}

/** @throws where the command ends before, with what it has said */
async function unlessEnded(happens: Promise<void>, command: CommandProcess): Promise<void> {
  const ended = command.exit().then(({ stderr }) => assert.fail(`it has ended:\n${stderr}`));
  await Promise.race([happens, ended]);
  ended.catch(() => undefined);
}

function onlyRun(runs: string): string {
  const [name, ...others] = readdirSync(runs);
  assert.ok(name !== undefined && others.length === 0, `one run in ${runs}`);
  return join(runs, name);
}

test(
  'after SIGKILL in mid-upload a run goes on from the store with other workers, same bytes',
  OPTIONS,
  async (context) => {
    const run = await aStoredRun(context);
    const held = run.server.gate.hold(partOf('1.'));
    const train = run.start(['train', run.file, '--runs', run.runs]);
    await unlessEnded(held, train);
    train.signal('SIGKILL');
    await train.exit();
    run.server.gate.reopen();
    const folder = onlyRun(run.runs);
    assert.deepEqual(readdirSync(join(folder, 'checkpoints')), []);
    const resumed = await run.command(['resume', folder, '--workers', '2', '--json']);
    const { runId, weightsSha256, uploadedWeights } = summaryOf(resumed);
    assert.doesNotMatch(resumed.stderr, / 1\/30 /, 'it does not begin anew');
    assert.equal(weightsSha256, await undisturbed(context));
    assert.deepEqual(
      uploadedWeights,
      ['weights-best', 'weights-ema', 'weights'].map(
        (name) => `s3://bucket/runs/${runId}/${name}.safetensors`,
      ),
    );
    const kept = run.server.keys();
    assert.equal(kept.filter((key) => key.endsWith('/manifest.json')).length, 3, kept.join('\n'));
    assert.equal(kept.length, 3 * 2 + 3 + 1 + 1, kept.join('\n'));
    const objects = await run.server.objects(context, `runs/${runId}/`);
    assert.deepEqual(await objects.listUploads(''), [], 'stale uploads are aborted');

    const verified = await run.command(['verify', folder, '--json']);
    assert.equal(verified.exitCode, 0, verified.stderr);
    const { checkpoints } = JSON.parse(verified.stdout) as { checkpoints: readonly number[] };
    assert.equal(checkpoints.length, 3);
    const branch = ['rewind', folder, '--to', String(checkpoints[1]), '--new-id', 'branch'];
    const rewound = await run.command(branch);
    assert.equal(rewound.exitCode, 0, rewound.stderr);
    const again = await run.command(['resume', join(run.runs, 'branch'), '--json']);
    assert.equal(summaryOf(again).weightsSha256, weightsSha256);
    assert.ok(run.server.keys().includes('runs/branch/weights.safetensors'));

    const state = kept.find((key) => key.includes('step-00000030') && key.endsWith('safetensors'));
    truncateSync(run.server.pathOf(state ?? ''), 1_000);
    const damaged = await run.command(['verify', folder]);
    assert.equal(damaged.exitCode, 1);
    assert.match(damaged.stderr, /s3:\/\/bucket\/runs\/.*step-00000030.*has 1000 bytes/);
  },
);

test(
  'a machine that does not have the run folder goes on from the store, with the same bytes',
  OPTIONS,
  async (context) => {
    const run = await aStoredRun(context);
    const held = run.server.gate.hold(partOf('1.'));
    const train = run.start(['train', run.file, '--runs', run.runs]);
    await unlessEnded(held, train);
    train.signal('SIGKILL');
    await train.exit();
    run.server.gate.reopen();
    const folder = onlyRun(run.runs);
    const url = `s3://bucket/runs/${folder.split('/').at(-1) ?? ''}`;
    const elsewhere = join(temporaryFolder(context), 'runs');
    const resumed = await run.command(['resume', url, '--runs', elsewhere, '--json']);
    assert.doesNotMatch(resumed.stderr, / 1\/30 /, 'it does not begin anew');
    assert.equal(summaryOf(resumed).weightsSha256, await undisturbed(context));
    const again = await run.command(['resume', url, '--runs', elsewhere]);
    assert.equal(again.exitCode, 1);
    assert.match(again.stderr, /is there already: go on with "crescendo resume/);
    const missing = await run.command(['resume', `${url}x`, '--runs', elsewhere]);
    assert.match(missing.stderr, /error CRESCENDO_STORE_FAILED: .*run\.json cannot be read/);
  },
);

test('a store that is away stops neither steps nor the run', OPTIONS, async (context) => {
  const run = await aStoredRun(context);
  const held = run.server.gate.hold(partOf('1.'));
  const train = run.start(['train', run.file, '--runs', run.runs, '--json']);
  await unlessEnded(held, train);
  run.server.gate.shut();
  const [line = ''] = await train.line(/the checkpoint after .* was not written.*/);
  assert.match(line, /s3:\/\/bucket\/runs\/.*check the network/);
  await train.line(/ 30\/30 /);
  run.server.gate.reopen();
  assert.equal(summaryOf(await train.exit()).weightsSha256, await undisturbed(context));
});

test('a second coordinator of the same run elsewhere is refused', OPTIONS, async (context) => {
  const run = await aStoredRun(context);
  const held = run.server.gate.hold(partOf('30'));
  const train = run.start(['train', run.file, '--runs', run.runs]);
  await unlessEnded(held, train);
  const folder = onlyRun(run.runs);
  const copy = join(temporaryFolder(context), folder.split('/').at(-1) ?? '');
  cpSync(folder, copy, { recursive: true, filter: (path) => !path.includes('owner-') });
  const { exitCode, stderr } = await run.command(['resume', copy]);
  assert.equal(exitCode, 1, stderr);
  assert.match(stderr, /error CRESCENDO_RUN_IN_USE: .*s3:\/\/bucket\/runs\//);
  run.server.gate.reopen();
  assert.equal((await train.exit()).exitCode, 0, 'the run was not disturbed');
});

test('a store that cannot be used is named before the first step', OPTIONS, async (context) => {
  const run = await aStoredRun(context, 's3://other-bucket/runs');
  const missing = await run.command(['train', run.file, '--runs', run.runs]);
  assert.equal(missing.exitCode, 1);
  assert.match(missing.stderr, /error CRESCENDO_STORE_FAILED: s3:\/\/other-bucket\/.*NoSuchBucket/);
  const environment = { ...run.server.environment, AWS_SECRET_ACCESS_KEY: 'wrong' };
  const args = ['train', run.file, '--runs', run.runs];
  const wrong = await runCommand(context, args, { environment });
  assert.equal(wrong.exitCode, 1);
  assert.match(wrong.stderr, /CRESCENDO_STORE_FAILED: .*SignatureDoesNotMatch.*credentials/);
});

test(
  'objects on a real server behave as the checkpoints need them to',
  OPTIONS,
  async (context) => {
    const server = await S3Server.start(context);
    const objects = await server.objects(context, 'a/');
    const kind = (wanted: string) => (error: unknown) =>
      error instanceof ObjectError && error.kind === wanted;
    await objects.write('one', Buffer.from('first'), 'absent');
    await assert.rejects(objects.write('one', Buffer.from('second'), 'absent'), kind('conflict'));
    assert.equal(Buffer.from(await objects.read('one')).toString(), 'first');
    const range = await objects.read('one', { offset: 1, length: 3 });
    assert.equal(Buffer.from(range).toString(), 'irs');
    await assert.rejects(objects.read('one', { offset: 3, length: 9 }), kind('transient'));
    await assert.rejects(objects.read('two'), kind('missing'));
    await objects.remove('two');
    const path = join(temporaryFolder(context), 'large');
    const content = Buffer.alloc(40 * 1024 * 1024, 'abcdefg');
    writeFileSync(path, content);
    await uploadFile(nodeFiles, path, objects, 'large');
    assert.ok(Buffer.from(await objects.read('large')).equals(content));
    const uploadId = await objects.beginUpload('half');
    assert.deepEqual(await objects.listUploads('ha'), [{ key: 'half', uploadId }]);
    await objects.abortUpload({ key: 'half', uploadId });
    await assert.rejects(objects.abortUpload({ key: 'half', uploadId }), kind('missing'));
    const [large] = await objects.list('l');
    assert.equal(large?.sizeBytes, content.length);
    const { tag } = large;
    const end = await objects.read('large', { offset: content.length - 2, length: 2, tag });
    assert.equal(end.length, 2);
    await assert.rejects(
      objects.read('large', { offset: 0, length: 2, tag: '"x"' }),
      kind('conflict'),
    );
    server.gate.shut();
    await assert.rejects(objects.read('one'), kind('transient'));
  },
);
