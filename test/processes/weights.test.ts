/** The commands around weights files, as a user runs them. */
import assert from 'node:assert/strict';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { exportedTensors } from '../../lib/weights/export-weights.ts';
import { encodeNpy, readNpy } from '../../lib/weights/npy.ts';
import { decodeSafetensors, encodeSafetensors } from '../../lib/weights/safetensors.ts';
import { writeImage } from '../support/images.ts';
import { runCommand, type CommandResult } from '../support/processes.ts';
import { temporaryFolder } from '../support/run-files.ts';
import { randomTensors, SMALL_MODEL_ARGUMENTS, smallModel } from '../support/weights.ts';

const DEADLINE = { timeout: 120_000 };

/** A folder with timm.safetensors of a small model with 3 classes. */
function prepare(context: TestContext): (name: string) => string {
  const folder = temporaryFolder(context);
  const spec = smallModel(3);
  const tensors = exportedTensors(spec, randomTensors(spec), 'timm');
  writeFileSync(join(folder, 'timm.safetensors'), encodeSafetensors(tensors, { format: 'pt' }));
  return (name) => join(folder, name);
}

async function succeeds(context: TestContext, args: readonly string[]): Promise<CommandResult> {
  const result = await runCommand(context, [...args, ...SMALL_MODEL_ARGUMENTS]);
  assert.equal(result.exitCode, 0, result.stderr);
  return result;
}

test('import, export and import again give the same bytes', DEADLINE, async (t) => {
  const file = prepare(t);
  writeFileSync(file('classes'), 'cat\ndog\nfish\n');
  const named = ['--classes-file', file('classes')];
  const report = await succeeds(t, [
    'import',
    file('timm.safetensors'),
    '-o',
    file('first.safetensors'),
    '--json',
    ...named,
  ]);
  const { format, classCount } = JSON.parse(report.stdout) as Record<string, unknown>;
  assert.deepEqual([format, classCount], ['timm', 3]);
  await succeeds(t, [
    'export',
    file('first.safetensors'),
    '--format',
    'timm',
    '-o',
    file('out.safetensors'),
  ]);
  await succeeds(t, ['import', file('out.safetensors'), '-o', file('second.safetensors')]);
  const second = readFileSync(file('second.safetensors'));
  assert.deepEqual(second, readFileSync(file('first.safetensors')));
  const { metadata, tensors } = decodeSafetensors(second);
  assert.equal(metadata['class_names'], '["cat","dog","fish"]');
  assert.deepEqual(tensors, randomTensors(smallModel(3)));
  assert.deepEqual(
    decodeSafetensors(readFileSync(file('out.safetensors'))).tensors,
    decodeSafetensors(readFileSync(file('timm.safetensors'))).tensors,
  );
});

test('a file that does not fit is refused, and nothing is written', DEADLINE, async (t) => {
  const file = prepare(t);
  const output = file('out.safetensors');
  const args = ['import', file('timm.safetensors'), '--model', 'efficientnetv2-b0', '-o', output];
  const wrong = await runCommand(t, args);
  assert.equal(wrong.exitCode, 1);
  assert.match(wrong.stderr, /CRESCENDO_WEIGHTS_INVALID.*does not fit efficientnetv2-b0/);
  assert.ok(!existsSync(output));
  const unknown = await runCommand(t, [...args.slice(0, 2), '--model', 'resnet', '-o', output]);
  assert.equal(unknown.exitCode, 2);
  assert.match(unknown.stderr, /model "resnet" is unknown/);
  const replaced = await succeeds(t, [
    'import',
    file('timm.safetensors'),
    '--classes',
    '7',
    '-o',
    output,
  ]);
  assert.match(replaced.stdout, /the classifier of 3 classes is replaced by initial values/);
});

test('predict writes logits and features, a sample at a time or in chunks', DEADLINE, async (t) => {
  const file = prepare(t);
  const values = Float32Array.from({ length: 18 * 8 * 8 * 3 }, (_, at) => Math.sin(at));
  writeFileSync(file('x.npy'), encodeNpy({ shape: [18, 8, 8, 3], values }));
  const predict = ['predict', '--weights', file('timm.safetensors'), '--input', file('x.npy')];
  await succeeds(t, [...predict, '--output', file('y.npy')]);
  await succeeds(t, [...predict, '--output', file('js.npy'), '--engine', 'js']);
  await succeeds(t, [...predict, '--output', file('f.npy'), '--features']);
  const [logits, compared] = [readNpy(file('y.npy')), readNpy(file('js.npy'))];
  assert.deepEqual(logits.shape, [18, 3]);
  assert.deepEqual(readNpy(file('f.npy')).shape, [18, smallModel(3).featureChannels]);
  const largest = Math.max(...logits.values.map((value) => Math.abs(value)));
  for (const [index, value] of logits.values.entries()) {
    assert.ok(Math.abs(value - (compared.values[index] as number)) < 1e-4 * largest);
  }
});

test('predict names the classes of images, and what it cannot read', DEADLINE, async (t) => {
  const file = prepare(t);
  await writeImage(file('images/a.png'), { widthPx: 20, heightPx: 30 });
  await writeImage(file('images/deep/b.jpg'), { widthPx: 20, heightPx: 30, color: '#ffffff' });
  writeFileSync(file('classes'), 'cat\ndog\nfish\n');
  const args = ['predict', '--weights', file('timm.safetensors'), '--size', '16'];
  const named = [...args, '--images', file('images'), '--classes-file', file('classes')];
  const result = await succeeds(t, [...named, '--json']);
  const predictions = JSON.parse(result.stdout) as {
    path: string;
    top: { name: string; probability: number }[];
  }[];
  assert.deepEqual(
    predictions.map(({ path }) => path),
    ['a.png', join('deep', 'b.jpg')],
  );
  for (const { top } of predictions) {
    assert.deepEqual(top.map(({ name }) => name).sort(), ['cat', 'dog', 'fish']);
    const sum = top.reduce((total, { probability }) => total + probability, 0);
    assert.ok(Math.abs(sum - 1) < 1e-6);
  }
  const both = await runCommand(t, [...args, ...SMALL_MODEL_ARGUMENTS]);
  assert.equal(both.exitCode, 2);
  assert.match(both.stderr, /either --input FILE with --output FILE, or --images FOLDER/);
});

test('predict goes on behind an image that it cannot read, and fails', DEADLINE, async (t) => {
  const file = prepare(t);
  await writeImage(file('images/a.png'), { widthPx: 20, heightPx: 30 });
  await writeImage(file('images/c, "d".png'), { widthPx: 20, heightPx: 30 });
  writeFileSync(file('images/b.png'), readFileSync(file('images/a.png')).subarray(0, 70));
  const args = ['predict', '--weights', file('timm.safetensors'), '--size', '16', '--engine', 'js'];
  const all = [...args, ...SMALL_MODEL_ARGUMENTS, '--images', file('images'), '--csv'];
  const { exitCode, stdout, stderr } = await runCommand(t, all);
  assert.equal(exitCode, 1);
  assert.match(stderr, /CRESCENDO_IMAGE_UNREADABLE: cannot decode .*b\.png/);
  const lines = stdout.trim().split('\n');
  assert.equal(lines.length, 1 + 2 * 3);
  assert.equal(lines[0], 'path,rank,class,probability');
  assert.match(lines[1] ?? '', /^a\.png,1,\d,0\.\d+/);
  assert.match(lines[4] ?? '', /^"c, ""d""\.png",1,\d,0\.\d+/);
  const one = await succeeds(t, [...args, '--images', file('images/a.png')]);
  assert.match(one.stdout, /^a\.png: \d \d+\.\d %/);
});

test('flags that would be ignored are refused as wrong use', DEADLINE, async (t) => {
  const file = prepare(t);
  await writeImage(file('images/a.png'), { widthPx: 20, heightPx: 30 });
  writeFileSync(file('run.yaml'), 'model: {name: efficientnetv2-b0}\n');
  const [timm, named] = [file('timm.safetensors'), SMALL_MODEL_ARGUMENTS];
  const predict = ['predict', '--weights', timm, ...named];
  const images = [...predict, '--images', file('images')];
  const array = [...predict, '--input', file('x.npy'), '--output', file('y.npy')];
  const toTimm = ['export', timm, ...named, '--format', 'timm', '-o', file('out')];
  const cases: [string[], RegExp][] = [
    [
      ['import', timm, '--run', file('run.yaml'), ...named.slice(2), '-o', file('out')],
      /--width-multiplier and --depth-multiplier are for --model/,
    ],
    [[...images, '--features'], /--output and --features are for --input/],
    [[...images, '--output', file('y.npy')], /--output and --features are for --input/],
    [[...array, '--size', '16'], /--size and --preprocessing are for --images/],
    [[...toTimm, '--size', '16'], /--size is for graphs/],
    [[...predict, '--images', file('images/b.png')], /no file or folder .*b\.png \(--images\)/],
    [[...array, '--csv'], /--csv is for --images/],
    [['export', timm, ...named, '-o', timm], /is the file that is read/],
  ];
  for (const [args, pattern] of cases) {
    const { exitCode, stderr } = await runCommand(t, args);
    assert.match(stderr, pattern);
    assert.equal(exitCode, 2, stderr);
  }
  assert.ok(!existsSync(file('out')));
});
