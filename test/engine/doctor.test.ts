/** What doctor says of TensorFlow and of GPUs. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { diagnose, libraryVersion, parseGpus } from '../../lib/launch/doctor.ts';

test('doctor runs a convolution and says on which device it ran', async () => {
  const { ok, tensorflow, problems } = await diagnose(() => undefined);
  assert.deepEqual(problems, []);
  assert.equal(ok, true);
  assert.ok(tensorflow);
  assert.match(tensorflow.version, /^2\.\d+/);
  assert.equal(tensorflow.convolutionDevice, tensorflow.device === 'gpu' ? 'GPU:0' : 'CPU:0');
  assert.equal(tensorflow.cudnn === null, tensorflow.device === 'cpu');
});

test("the driver's list of GPUs is read line by line", () => {
  const listed = 'NVIDIA H100 80GB HBM3, 9.0, 550.54.15, 81559 MiB\n\nbroken line\n';
  assert.deepEqual(parseGpus(listed), [
    {
      name: 'NVIDIA H100 80GB HBM3',
      computeCapability: '9.0',
      driver: '550.54.15',
      memory: '81559 MiB',
    },
  ]);
});

test("CUDA's and cuDNN's numbers are read as versions", () => {
  assert.equal(libraryVersion(12_050, 1000, 10), '12.5');
  assert.equal(libraryVersion(91_100, 10_000, 100), '9.11');
});
