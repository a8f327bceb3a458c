/** Links between workers over real sockets in one process. */
import type { TestContext } from 'node:test';
import { DISCARD, type FrameSink } from '../../lib/collective/frame-sink.ts';
import { encodeHeader, type AnnouncedFrame } from '../../proto/data-frame.ts';
import { PeerLinks, type DialPatience } from '../../lib/transport/peer-links.ts';
import type { Peer, QueuedFrame } from '../../lib/transport/peer-transport.ts';

export const TOKEN = 'a token / with & signs';
const IMPATIENT: DialPatience = { attempts: 1, timeoutMs: 5_000, pauseMs: 1 };

/** One worker's links, which end with the test. */
export class LinkedWorker {
  readonly slot: number;
  readonly links: PeerLinks;
  readonly frames: AnnouncedFrame[] = [];
  readonly broken: string[] = [];
  /** Where the next frame goes. */
  onFrame: (frame: AnnouncedFrame) => FrameSink | 'later' = () => DISCARD;
  readonly #waiting = new Set<() => void>();

  constructor(context: TestContext, slot: number, machine = 'here', patience = IMPATIENT) {
    this.slot = slot;
    this.links = new PeerLinks(
      machine,
      {
        onFrame: (frame) => {
          const sink = this.onFrame(frame);
          if (sink === 'later') return sink;
          return {
            write: (bytes) => {
              sink.write(bytes);
            },
            end: () => {
              sink.end();
              this.frames.push(frame);
              this.#changed();
            },
          };
        },
        onDialed: () => {
          this.#changed();
        },
        onBroken: (from, reason) => {
          this.broken.push(`${from}: ${reason}`);
          this.#changed();
        },
      },
      patience,
    );
    this.links.identify(slot, TOKEN);
    context.after(() => {
      this.links.close();
    });
  }

  async listen(host = '127.0.0.1', machine = 'here'): Promise<Peer> {
    const port = await this.links.listen(host, 0);
    const dataUrl = `ws://${host.includes(':') ? `[${host}]` : host}:${port}`;
    return { slot: this.slot, dataUrl, machine, localPath: '' };
  }

  /** Resolves once `slot` has dialed this worker. */
  dialedBy(slot: number): Promise<void> {
    return this.until(() => this.links.isDialedBy(slot));
  }

  /** Resolves once `condition` holds, which frames and broken links may change. */
  until(condition: () => boolean): Promise<void> {
    return new Promise((resolve) => {
      const check = (): void => {
        if (!condition()) return;
        this.#waiting.delete(check);
        resolve();
      };
      this.#waiting.add(check);
      check();
    });
  }

  #changed(): void {
    for (const check of [...this.#waiting]) check();
  }
}

/** A frame of zeros. */
export function aFrame(
  sourceSlot: number,
  targetSlot: number,
  payloadBytes: number,
  hooks: { readonly onPacked?: () => void; readonly onSent?: () => void } = {},
): QueuedFrame {
  const header = encodeHeader(
    {
      kind: 'reduce',
      sourceSlot,
      targetSlot,
      generation: 1,
      step: 0,
      attempt: 0,
      nodeBegin: 0,
      nodeEnd: 1,
      offsetElements: 0,
      chunk: 0,
    },
    payloadBytes,
  );
  return {
    header,
    payloadBytes,
    payload: () => {
      hooks.onPacked?.();
      return new Uint8Array(payloadBytes);
    },
    onSent: () => hooks.onSent?.(),
  };
}
