/** Listening on a TCP port, with errors that name the option to change. */
import { once } from 'node:events';
import type { AddressInfo, Server } from 'node:net';
import { CrescendoError } from './errors.ts';

/** Options of the command by which a user chooses where to listen. */
export interface ListenOptions {
  readonly hostOption: string;
  readonly portOption: string;
}

/**
 * Starts listening; port 0 selects a free one.
 * @returns the port
 * @throws CRESCENDO_PORT_IN_USE; CRESCENDO_CONFIG_INVALID when the address cannot be listened on
 */
export async function listenOn(
  server: Server,
  host: string,
  port: number,
  { hostOption, portOption }: ListenOptions,
): Promise<number> {
  const listening = once(server, 'listening');
  server.listen(port, host);
  try {
    await listening;
  } catch (error) {
    const { code = 'unknown error' } = error as NodeJS.ErrnoException;
    if (code === 'EADDRINUSE') {
      throw new CrescendoError(
        'CRESCENDO_PORT_IN_USE',
        `port ${port} on ${host} is in use: stop what listens there, or choose another with ` +
          `${portOption} (0 takes a free one)`,
        { cause: error },
      );
    }
    throw new CrescendoError(
      'CRESCENDO_CONFIG_INVALID',
      `cannot listen on ${host}, port ${port} (${code}): give an address of this machine with ` +
        `${hostOption}, and a port that this user may take with ${portOption}`,
      { cause: error },
    );
  }
  return (server.address() as AddressInfo).port;
}
