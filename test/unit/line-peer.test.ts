/** Measured processes that end or hang. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { LinePeer } from '../../bench/line-peer.ts';

function peer(script: string, answerMsMax?: number): LinePeer {
  return new LinePeer('peer', process.execPath, ['-e', script], process.env, answerMsMax);
}

test('a peer that ends is told with its exit code and its error, not with notices', async () => {
  const lines = [
    'Traceback (most recent call last):',
    '  File "x.py", line 1',
    'ValueError: one value',
    'WARNING: All log messages before absl::InitializeLog() is called are written to STDERR',
    'I0000 00:00:17 port.cc:153] oneDNN custom operations are on.',
  ].join('\n');
  const ended = peer(`process.stderr.write(${JSON.stringify(lines)}, () => process.exit(3))`);
  await assert.rejects(ended.ask('steps 1'), {
    message: 'peer has ended (exit code 3): ValueError: one value',
  });
  ended.close();
});

test('a peer that is killed is told with the signal and the likely cause', async () => {
  const killed = peer("process.kill(process.pid, 'SIGKILL'); setInterval(() => 0, 1000)");
  await assert.rejects(killed.answer(), /^Error: peer has ended \(signal SIGKILL, .*memory/);
  killed.close();
});

test('a peer that hangs is ended after the deadline, which is named', async () => {
  const hung = peer('setInterval(() => 0, 1000)', 500);
  await assert.rejects(hung.answer(), /peer gave no answer within 0\.5 s and was ended/);
  hung.close();
});
