/** Files of a dataset on a web server, named one by one with braces. */
import { CrescendoError, messageOf } from '../../base/errors.ts';
import { limitConcurrency } from '../../base/concurrency.ts';
import { expandBraces } from './braces.ts';
import { RemoteError, safePath, type RemoteFile, type RemoteSource } from './source.ts';

const ASKED_AT_ONCE = 16;
const FIRST_BYTE = 'bytes=0-0';
const TRANSIENT: ReadonlySet<number> = new Set([408, 425, 429]);

type Sink = Parameters<RemoteSource['read']>[2];

export class HttpSource implements RemoteSource {
  readonly #template: string;
  readonly #silenceMs: number;
  readonly #asking: <T>(action: () => Promise<T>) => Promise<T>;

  /**
   * @param template URL with braces
   * @param silenceMs how long the server may send nothing
   * @param asking tries an action again whose error is transient
   */
  constructor(
    template: string,
    silenceMs: number,
    asking: <T>(action: () => Promise<T>) => Promise<T>,
  ) {
    this.#template = template;
    this.#silenceMs = silenceMs;
    this.#asking = asking;
  }

  async list(): Promise<readonly RemoteFile[]> {
    const inTurn = limitConcurrency(ASKED_AT_ONCE);
    return Promise.all(
      placesOf(this.#template).map(({ url, path }) =>
        inTurn(() => this.#naming(url, () => this.#asking(() => this.#describe(url, path)))),
      ),
    );
  }

  async read(file: RemoteFile, offset: number, sink: Sink): Promise<void> {
    await this.#get(file.url, `bytes=${offset}-`, async (response, alive) => {
      const { version, sizeBytes } = described(response);
      if (version !== file.version || (sizeBytes ?? file.sizeBytes) !== file.sizeBytes) {
        throw new RemoteError('changed', `it has changed from ${file.version} to ${version}`);
      }
      const begin = beginOf(response);
      if (begin !== offset) {
        if (begin !== 0) {
          const what = `bytes from ${offset} on were asked for, and come from ${begin} on`;
          throw new RemoteError('refused', what);
        }
        await sink.restart();
      }
      if (response.body === null) return;
      for await (const piece of response.body as AsyncIterable<Uint8Array>) {
        alive();
        await sink.write(piece);
        alive();
      }
    });
  }

  close(): void {
    return;
  }

  /** Does what is asked of a file, and says of which of several in errors. */
  async #naming<T>(url: string, action: () => Promise<T>): Promise<T> {
    try {
      return await action();
    } catch (error) {
      if (!(error instanceof RemoteError) || url === this.#template) throw error;
      throw new RemoteError(error.kind, `${url}: ${error.message}`, { cause: error });
    }
  }

  /** A GET of one byte: not all servers know HEAD, and not all URLs are signed for it. */
  #describe(url: string, path: string): Promise<RemoteFile> {
    return this.#get(url, FIRST_BYTE, async (response) => {
      await response.body?.cancel();
      const { version, sizeBytes } = described(response);
      if (sizeBytes === undefined) throw new RemoteError('refused', 'its size is not told');
      return { path, url, sizeBytes, version };
    });
  }

  /** @param action is told what shows that the server is alive */
  async #get<T>(
    url: string,
    range: string,
    action: (response: Response, alive: () => void) => Promise<T>,
  ): Promise<T> {
    const ends = new AbortController();
    const seconds = Math.round(this.#silenceMs / 100) / 10;
    const timer = setTimeout(() => {
      ends.abort(new RemoteError('transient', `nothing came for ${seconds} s`));
    }, this.#silenceMs);
    try {
      // Encoded content would have another length than the file.
      const headers = { range, 'accept-encoding': 'identity' };
      const response = await fetch(url, { headers, signal: ends.signal });
      await requireFound(response, range);
      return await action(response, () => {
        timer.refresh();
      });
    } catch (error) {
      throw told(ends.signal.aborted ? (ends.signal.reason as unknown) : error);
    } finally {
      clearTimeout(timer);
      ends.abort();
    }
  }
}

/** Where in the file the body begins: some servers, and caches before them, send all of it. */
function beginOf({ status, headers }: Response): number {
  if (status !== 206) return 0;
  return Number(/^bytes (\d+)-/.exec(headers.get('content-range') ?? '')?.[1] ?? NaN);
}

async function requireFound(response: Response, range: string): Promise<void> {
  const { status, statusText } = response;
  if (status === 200 || status === 206) return;
  await response.body?.cancel();
  const what = `the server answers ${status} ${statusText}`.trim();
  if (status === 416 && range === FIRST_BYTE) throw new RemoteError('refused', 'it is empty');
  // Nothing of the file is behind what was asked for: it has become shorter.
  if (status === 416) throw new RemoteError('changed', what);
  const isTransient = status >= 500 || TRANSIENT.has(status);
  throw new RemoteError(isTransient ? 'transient' : 'refused', what);
}

/** Errors of the connection; those of the file system pass. */
function told(error: unknown): unknown {
  if (error instanceof RemoteError || error instanceof CrescendoError) return error;
  const isNetworks = error instanceof TypeError || (error as Error).name === 'AbortError';
  if (!isNetworks) return error;
  return new RemoteError('transient', messageOf(error), { cause: error });
}

function described({ status, headers }: Response): { version: string; sizeBytes?: number } {
  const [, total] = /\/(\d+)$/.exec(headers.get('content-range') ?? '') ?? [];
  const length = status === 206 ? total : (headers.get('content-length') ?? undefined);
  const version = headers.get('etag') ?? headers.get('last-modified') ?? `${length} bytes`;
  return length === undefined ? { version } : { version, sizeBytes: Number(length) };
}

/** @throws CRESCENDO_DATASET_INVALID */
function placesOf(template: string): { readonly url: string; readonly path: string }[] {
  const [plain = ''] = template.split('{', 1);
  const base = plain.slice(0, plain.lastIndexOf('/') + 1);
  const seen = new Set<string>();
  return expanded(template).map((url) => {
    const [name = ''] = url.slice(base.length).split(/[?#]/, 1);
    const path = safePath(name);
    if (path === undefined || seen.has(path)) {
      throw invalid(`${url} is no name of a file, or there twice`);
    }
    seen.add(path);
    return { url, path };
  });
}

function expanded(template: string): string[] {
  try {
    const urls = expandBraces(template);
    for (const url of urls) new URL(url);
    return urls;
  } catch (error) {
    throw invalid(messageOf(error));
  }
}

function invalid(what: string): CrescendoError {
  return new CrescendoError(
    'CRESCENDO_DATASET_INVALID',
    `dataset.path: ${what}; name the files as in https://host/{train-{000..146},val-{00..06}}.tar`,
  );
}
