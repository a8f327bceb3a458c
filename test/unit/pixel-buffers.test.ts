/** Memory of micro-batches that is used again. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { PixelBuffers } from '../../lib/data/pixel-buffers.ts';

test('memory that was given back is used again, and for fewer bytes too', () => {
  const buffers = new PixelBuffers();
  const first = buffers.take(100);
  buffers.give(first);
  const second = buffers.take(60);
  assert.equal(second.length, 60);
  assert.equal(second.buffer, first.buffer);
  buffers.give(second);
  assert.equal(buffers.take(100).length, 100);
});

test('what nobody has given back is not used by two', () => {
  const buffers = new PixelBuffers();
  const given = buffers.take(10);
  buffers.give(given);
  assert.notEqual(buffers.take(10).buffer, buffers.take(10).buffer);
});

test('memory that is too small for the images of a new phase is let go of', () => {
  const buffers = new PixelBuffers();
  buffers.give(buffers.take(10));
  assert.equal(buffers.take(1000).length, 1000);
});
