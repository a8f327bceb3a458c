/** Errors of listening: one line that names the options to change. */
import assert from 'node:assert/strict';
import { createServer, Server } from 'node:net';
import { test } from 'node:test';
import { CrescendoError } from '../../lib/base/errors.ts';
import { listenOn } from '../../lib/base/listen.ts';

const OPTIONS = { hostOption: '--some-host', portOption: '--some-port' };

/** A server on which listening fails as the system says. */
class FailingServer extends Server {
  readonly #code: string;

  constructor(code: string) {
    super();
    this.#code = code;
  }

  override listen(): this {
    setImmediate(() => this.emit('error', Object.assign(new Error('no'), { code: this.#code })));
    return this;
  }
}

async function errorOf(server: Server, host: string, port: number): Promise<CrescendoError> {
  try {
    await listenOn(server, host, port, OPTIONS);
  } catch (error) {
    assert.ok(error instanceof CrescendoError);
    assert.doesNotMatch(error.message, /\n/);
    return error;
  }
  throw new Error('it listens');
}

for (const code of ['EACCES', 'EADDRNOTAVAIL', 'ENOTFOUND', 'EAFNOSUPPORT', 'EINVAL']) {
  test(`${code} names the host, the port and both options`, async () => {
    const error = await errorOf(new FailingServer(code), 'some.host', 80);
    assert.equal(error.code, 'CRESCENDO_CONFIG_INVALID');
    for (const part of ['some.host', '80', code, '--some-host', '--some-port']) {
      assert.ok(error.message.includes(part), `${part} in: ${error.message}`);
    }
  });
}

test('a port in use names the port and its option', async (context) => {
  const blocker = createServer();
  context.after(() => blocker.close());
  const port = await listenOn(blocker, '127.0.0.1', 0, OPTIONS);
  const error = await errorOf(createServer(), '127.0.0.1', port);
  assert.equal(error.code, 'CRESCENDO_PORT_IN_USE');
  assert.match(error.message, new RegExp(`${port}.*--some-port`));
});
