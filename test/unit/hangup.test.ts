/** By which traces a process finds out that nohup started it. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ignoresHangup, type ProcessTraces } from '../../cli/hangup.ts';

const WRITE_ONLY = 0o2100001;
const NONE: ProcessTraces = {
  environment: { _: '/usr/bin/node' },
  input: { path: '/dev/null', flags: 0o2100000 },
  parentIgnores: 0b110n,
};

test('without a trace of nohup a SIGHUP counts', () => {
  assert.equal(ignoresHangup(NONE), false);
  assert.equal(ignoresHangup({ environment: {}, input: undefined, parentIgnores: 0n }), false);
});

test('a shell tells that it started nohup', () => {
  assert.equal(ignoresHangup({ ...NONE, environment: { _: '/usr/bin/nohup' } }), true);
});

test('nohup replaces a terminal by an input that cannot be read', () => {
  const input = { path: '/dev/null', flags: WRITE_ONLY };
  assert.equal(ignoresHangup({ ...NONE, input }), true);
  assert.equal(ignoresHangup({ ...NONE, input: { path: '/dev/pts/1', flags: 0o2 } }), false);
});

test('what the parent ignores, the child was started to ignore', () => {
  assert.equal(ignoresHangup({ ...NONE, parentIgnores: 0b111n }), true);
});

test('what the command saw before Node started decides', () => {
  const stop = { CRESCENDO_HANGUP: 'stop', _: '/usr/bin/nohup' };
  assert.equal(ignoresHangup({ ...NONE, environment: stop }), false);
  assert.equal(ignoresHangup({ ...NONE, environment: { CRESCENDO_HANGUP: 'ignore' } }), true);
});
