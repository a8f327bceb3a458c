/** A real S3 server for one test, behind a gate that cuts, holds and counts what passes. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, readdirSync } from 'node:fs';
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { crescendoHome } from '../../lib/base/project.ts';
import { openS3Objects } from '../../lib/storage/s3-objects.ts';
import type { Objects } from '../../lib/storage/objects.ts';
import { temporaryFolder } from './run-files.ts';

const PROGRAM = join(crescendoHome(), 's3-server', 'v1.8.0', 'versitygw');
export const NO_S3_SERVER = existsSync(PROGRAM)
  ? false
  : 'there is no S3 server: scripts/install-s3-server.sh';

const KEY = 'tests';
const SECRET = 'tests-secret';

export class S3Server {
  /** For processes that use it. */
  readonly environment: Readonly<Record<string, string>>;
  readonly gate: Gate;
  readonly #folder: string;

  static async start(context: TestContext): Promise<S3Server> {
    const folder = temporaryFolder(context);
    for (const name of ['data/bucket', 'meta']) mkdirSync(join(folder, name), { recursive: true });
    const socket = join(folder, 's3.sock');
    const child = spawn(
      PROGRAM,
      [
        '--access',
        KEY,
        '--secret',
        SECRET,
        '--port',
        socket,
        '--quiet',
        '--keep-alive',
        'posix',
        '--sidecar',
        join(folder, 'meta'),
        join(folder, 'data'),
      ],
      { stdio: 'ignore' },
    );
    context.after(() => {
      child.kill('SIGKILL');
    });
    const gate = await Gate.open(context, socket);
    const server = new S3Server(folder, gate);
    await server.#answers();
    return server;
  }

  private constructor(folder: string, gate: Gate) {
    this.#folder = folder;
    this.gate = gate;
    this.environment = {
      AWS_ENDPOINT_URL: `http://127.0.0.1:${gate.port}`,
      AWS_ACCESS_KEY_ID: KEY,
      AWS_SECRET_ACCESS_KEY: SECRET,
    };
  }

  /** A client, as the program has it; the test need not close it. */
  async objects(context: TestContext, prefix: string): Promise<Objects> {
    const before = { ...process.env };
    Object.assign(process.env, this.environment);
    const objects = await openS3Objects({ bucket: 'bucket', prefix });
    // The client looks for credentials with its first request.
    await objects.list('nothing').catch(() => undefined);
    process.env = before;
    context.after(() => {
      objects.close();
    });
    return objects;
  }

  /** Keys of all objects in the bucket, in order. */
  keys(): string[] {
    const root = join(this.#folder, 'data', 'bucket');
    return readdirSync(root, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map(({ parentPath, name }) => join(parentPath, name).slice(root.length + 1))
      .filter((key) => !key.startsWith('.'))
      .sort();
  }

  /** Where an object is, for tests that damage it. */
  pathOf(key: string): string {
    return join(this.#folder, 'data', 'bucket', key);
  }

  async #answers(): Promise<void> {
    for (const deadline = Date.now() + 60_000; Date.now() < deadline;) {
      const url = this.environment['AWS_ENDPOINT_URL'] ?? '';
      const answer = await fetch(url, { signal: AbortSignal.timeout(1_000) }).catch(
        () => undefined,
      );
      if (answer !== undefined) return;
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    throw new Error('the S3 server does not answer');
  }
}

/** Passes connections on. */
class Gate {
  readonly port: number;
  readonly #sockets = new Set<Socket>();
  #isShut = false;
  #held: { readonly pattern: RegExp; readonly onHeld: () => void } | undefined;

  static async open(context: TestContext, target: string): Promise<Gate> {
    const server = createServer();
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const gate = new Gate(server, target);
    context.after(() => {
      server.close();
      gate.shut();
    });
    return gate;
  }

  private constructor(server: Server, target: string) {
    this.port = (server.address() as AddressInfo).port;
    server.on('connection', (socket) => {
      this.#pass(socket, target);
    });
  }

  /** All connections are reset, and new ones too. */
  shut(): void {
    this.#isShut = true;
    for (const socket of this.#sockets) socket.destroy();
  }

  reopen(): void {
    this.#isShut = false;
    this.#held = undefined;
  }

  /**
   * From now on requests whose first lines match are held once those have passed, until each is
   * given up. @returns when the first is
   */
  hold(pattern: RegExp): Promise<void> {
    return new Promise((resolve) => {
      this.#held = { pattern, onHeld: resolve };
    });
  }

  #pass(socket: Socket, target: string): void {
    if (this.#isShut) {
      socket.resetAndDestroy();
      return;
    }
    const onward = connect(target);
    for (const one of [socket, onward]) {
      this.#sockets.add(one);
      one.on('error', () => undefined);
      one.on('close', () => {
        this.#sockets.delete(one);
        socket.destroy();
        onward.destroy();
      });
    }
    onward.on('data', (bytes) => {
      socket.write(bytes);
    });
    socket.on('data', (bytes) => {
      const text = bytes.toString('latin1');
      if (this.#held?.pattern.test(text) !== true) {
        onward.write(bytes);
        return;
      }
      onward.write(bytes.subarray(0, text.indexOf('\r\n\r\n') + 4));
      socket.pause();
      this.#held.onHeld();
    });
  }
}
