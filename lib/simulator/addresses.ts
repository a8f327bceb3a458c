/** Who listens at which address, on which host, and which hosts may not dial which. Pure. */

export class Addresses<L extends { readonly host: string }> {
  readonly #listeners = new Map<string, L>();
  readonly #hosts = new Map<string, string>();
  readonly #blocked = new Set<string>();

  /** @param address unique among all that ever are */
  attach(address: string, listener: L): void {
    this.#listeners.set(address, listener);
    this.#hosts.set(address, listener.host);
  }

  /** Dials to an address are refused from now on. */
  detach(address: string): void {
    this.#listeners.delete(address);
  }

  /** The host of an address, also when nobody listens there any more. */
  hostOf(address: string): string {
    return this.#hosts.get(address) ?? address;
  }

  /** Who takes a dial from a host; undefined: it is refused. */
  listenerAt(address: string, dialingHost: string): L | undefined {
    const listener = this.#listeners.get(address);
    const isBlocked = this.#blocked.has(`${listener?.host ?? ''}>${dialingHost}`);
    return isBlocked ? undefined : listener;
  }

  on(host: string): L[] {
    return [...this.#listeners.values()].filter((listener) => listener.host === host);
  }

  /** From now on the host `target` cannot dial `source`. */
  block(source: string, target: string): void {
    this.#blocked.add(`${source}>${target}`);
  }

  unblock(source: string, target: string): void {
    this.#blocked.delete(`${source}>${target}`);
  }
}
