/**
 * The folder of a worker's Unix socket. A killed worker leaves it behind; the next worker removes
 * folders whose socket has no listener. (Process ids are no criterion: each container has its own,
 * and they are reused.)
 */
import { mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const PREFIX = 'crescendo-peers-';
const SOCKET = 'socket';
/** Longer paths are truncated without an error (sockaddr_un holds 104 bytes on macOS). */
const PATH_BYTES_MAX = 103;

export class LocalSocketFolder {
  readonly #folder: string;

  private constructor(folder: string) {
    this.#folder = folder;
  }

  /**
   * @returns undefined if the system has no usable path @param parent where temporary folders are
   *   created
   */
  static async make(parent = tmpdir()): Promise<LocalSocketFolder | undefined> {
    if (process.platform === 'win32') return undefined;
    try {
      await removeAbandoned(parent);
      // Only this user may enter it.
      const made = new LocalSocketFolder(mkdtempSync(join(parent, PREFIX)));
      if (Buffer.byteLength(made.socketPath) <= PATH_BYTES_MAX) return made;
      made.remove();
    } catch {
      // A folder that cannot be written: peers come by the port.
    }
    return undefined;
  }

  get socketPath(): string {
    return join(this.#folder, SOCKET);
  }

  remove(): void {
    rmSync(this.#folder, { recursive: true, force: true });
  }
}

async function removeAbandoned(parent: string): Promise<void> {
  const folders = readdirSync(parent).filter((name) => name.startsWith(PREFIX));
  await Promise.all(
    folders.map(async (name) => {
      const folder = join(parent, name);
      try {
        if (statSync(folder).uid !== process.getuid?.()) return;
        if (await isAbandoned(join(folder, SOCKET))) rmSync(folder, { recursive: true });
      } catch {
        // Somebody else removed it meanwhile.
      }
    }),
  );
}

/**
 * Whether a socket has no listener. Only a refused connection proves it: a missing socket may be
 * about to be created.
 */
function isAbandoned(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(path);
    const settle = (answer: boolean): void => {
      socket.destroy();
      resolve(answer);
    };
    socket.once('connect', () => {
      settle(false);
    });
    socket.once('error', (error: NodeJS.ErrnoException) => {
      settle(error.code === 'ECONNREFUSED');
    });
  });
}
