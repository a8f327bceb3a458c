/** The engine's set-up: what goes wrong on strange machines, and that it is reused and shared. */
import assert from 'node:assert/strict';
import { chmodSync, existsSync, mkdirSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { gpuIndices } from '../../lib/launch/gpus.ts';
import { chosenVariant, gpuCount } from '../../lib/tensorflow/install/device.ts';
import { withLock } from '../../lib/base/process-lock.ts';
import { prepareTensorflow } from '../../lib/tensorflow/install/prepare.ts';
import { isNeeded, WHEEL_SETS } from '../../lib/tensorflow/install/wheels.ts';
import { temporaryFolder } from '../support/run-files.ts';

const isPinned = WHEEL_SETS[`${process.platform}-${process.arch}`] !== undefined;
const SKIP = isPinned ? false : `no wheel is pinned for ${process.platform}-${process.arch}`;

/** An environment whose PATH holds only the given scripts, and an empty home. */
function strangeMachine(
  context: TestContext,
  scripts: Readonly<Record<string, string>>,
): NodeJS.ProcessEnv & { CRESCENDO_HOME: string } {
  const folder = temporaryFolder(context);
  const bin = join(folder, 'bin');
  mkdirSync(bin);
  for (const [name, body] of Object.entries(scripts)) {
    writeFileSync(join(bin, name), `#!/bin/sh\n${body}\n`);
    chmodSync(join(bin, name), 0o755);
  }
  return { PATH: bin, CRESCENDO_HOME: join(folder, 'home') };
}

/** Nothing but lock and marker-less leftovers may remain after a failure. */
function assertNothingLeft(home: string): void {
  const engines = join(home, 'engine');
  assert.deepEqual(existsSync(engines) ? readdirSync(engines) : [], []);
}

const FAILURES: [string, Readonly<Record<string, string>>, RegExp][] = [
  ['without Python', {}, /python3 was not found: install Python 3 with pip/],
  [
    'with a Python that has no pip',
    { python3: 'echo "/usr/bin/python3: No module named pip" >&2; exit 1' },
    /python3 has no pip: install it/,
  ],
  [
    'without a network',
    { python3: 'echo "ERROR: No matching distribution found for tensorflow-cpu" >&2; exit 1' },
    /pip could not fetch tensorflow-cpu.*No matching distribution.*CRESCENDO_TF_DIR/,
  ],
  [
    'with an index that serves another file',
    {
      python3:
        'while [ "$1" != "--dest" ]; do shift; done; echo fake > "$2/tensorflow_cpu-2.21.0.whl"',
    },
    /has SHA-256 [0-9a-f]{64}, expected [0-9a-f]{64}/,
  ],
];

for (const [where, scripts, expected] of FAILURES) {
  test(
    `${where} the set-up says what to do and leaves nothing`,
    { skip: SKIP },
    async (context) => {
      const environment = strangeMachine(context, scripts);
      await assert.rejects(prepareTensorflow({ environment }), (error: Error) => {
        assert.match(error.message, expected);
        assert.equal((error as { code?: string }).code, 'CRESCENDO_ENGINE_SETUP');
        return true;
      });
      assertNothingLeft(environment.CRESCENDO_HOME);
    },
  );
}

test('CRESCENDO_TF_DIR without the library is refused and names the file', async (context) => {
  const environment = strangeMachine(context, {});
  const folder = dirname(environment.CRESCENDO_HOME);
  await assert.rejects(
    prepareTensorflow({ environment: { ...environment, CRESCENDO_TF_DIR: folder } }),
    /has no libtensorflow_cc\.so\.2/,
  );
});

test(
  'a TensorFlow of the user without a compiler asks for one',
  { skip: SKIP },
  async (context) => {
    const { libraryFolder } = await prepareTensorflow();
    const environment = strangeMachine(context, {});
    await assert.rejects(
      prepareTensorflow({ environment: { ...environment, CRESCENDO_TF_DIR: libraryFolder } }),
      /no C\+\+ compiler was found.*install one/,
    );
    assertNothingLeft(environment.CRESCENDO_HOME);
  },
);

test('a finished set-up is reused without running anything', { skip: SKIP }, async (context) => {
  const first = await prepareTensorflow();
  // The same home by another path, on a machine with an empty PATH.
  const link = join(temporaryFolder(context), 'home');
  symlinkSync(dirname(dirname(dirname(first.addonPath))), link);
  const second = await prepareTensorflow({ environment: { PATH: '', CRESCENDO_HOME: link } });
  assert.equal(second.tensorflowVersion, first.tensorflowVersion);
  assert.ok(existsSync(second.addonPath));
});

test('the lock lets one in at a time, and is taken over from the dead', async (context) => {
  const path = join(temporaryFolder(context), 'some.lock');
  mkdirSync(path);
  writeFileSync(join(path, 'pid'), '999999999');
  let inside = 0;
  const enter = async (): Promise<void> => {
    inside++;
    assert.equal(inside, 1);
    await new Promise((resolve) => setImmediate(resolve));
    inside--;
  };
  const waited: number[] = [];
  const wait = (owner: number): void => {
    waited.push(owner);
  };
  await Promise.all([withLock(path, wait, enter), withLock(path, wait, enter)]);
  assert.deepEqual(waited, [process.pid]);
  assert.equal(existsSync(path), false);
});

test('only the libraries and the headers of the binding are unpacked', () => {
  assert.ok(isNeeded('tensorflow/libtensorflow_cc.so.2'));
  assert.ok(isNeeded('tensorflow/include/tensorflow/c/c_api.h'));
  assert.ok(!isNeeded('tensorflow/python/keras/engine.py'));
});

test('every wheel is pinned by hash and size, and a GPU gets the CUDA libraries', () => {
  for (const sets of Object.values(WHEEL_SETS)) {
    for (const pin of Object.values(sets).flat()) {
      assert.match(pin.sha256, /^[0-9a-f]{64}$/);
      assert.ok(pin.bytes > 1e6 && pin.unpackedBytes > 1e5);
    }
  }
  const names = WHEEL_SETS['linux-x64']?.gpu?.map((pin) => pin.packageName) ?? [];
  for (const part of ['cublas', 'cudnn', 'cuda-runtime', 'cufft', 'cusolver', 'cusparse']) {
    assert.ok(names.includes(`nvidia-${part}-cu12`), part);
  }
  assert.ok(isNeeded('nvidia/cudnn/lib/libcudnn.so.9'));
  assert.ok(!isNeeded('nvidia/cudnn/include/cudnn.h'));
});

test('the device is the one asked for, else a GPU where the driver shows one', (context) => {
  assert.equal(chosenVariant({ CRESCENDO_DEVICE: 'gpu' }), 'gpu');
  assert.equal(chosenVariant({ CRESCENDO_DEVICE: 'cpu' }), 'cpu');
  assert.throws(() => chosenVariant({ CRESCENDO_DEVICE: 'tpu' }), /set it to cpu or gpu/);
  const driver = temporaryFolder(context);
  assert.equal(gpuCount(join(driver, 'absent')), 0);
  mkdirSync(join(driver, '0000:01:00.0'));
  mkdirSync(join(driver, '0000:02:00.0'));
  assert.equal(gpuCount(driver), 2);
});

test('--gpus takes all or different indices of GPUs that are there', () => {
  assert.deepEqual(gpuIndices('all', 3), [0, 1, 2]);
  assert.deepEqual(gpuIndices('2, 0', 3), [2, 0]);
  for (const list of ['3', '0,0', '', 'some', '-1']) {
    assert.throws(() => gpuIndices(list, 3), /write all, or different indices from 0 to 2/);
  }
  assert.throws(() => gpuIndices('all', 0), /shows no NVIDIA GPU/);
});
