/** Parsers of arguments: each returns the value, or throws with the bound that it breaks. */
import { InvalidArgumentError } from 'commander';
import { DEFAULT_RESTART_LIMITS } from '../lib/launch/restart-policy.ts';

export function wholeNumber(
  what: string,
  minimum: number,
  maximum: number,
): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (Number.isInteger(value) && value >= minimum && value <= maximum) return value;
    throw new InvalidArgumentError(`${what} is a whole number from ${minimum} to ${maximum}.`);
  };
}

export const portNumber = wholeNumber('a port', 0, 65535);

export const workerCount = wholeNumber('the worker count', 1, 64);

export const imageSizePx = wholeNumber('the size in pixels', 8, 4096);

/** The option of commands that start worker processes. */
export const RESTARTS_OPTION = [
  '--restarts <count>',
  'restarts of a worker that dies, within 10 minutes; 0: none',
  wholeNumber('the count of restarts', 0, 1000),
  DEFAULT_RESTART_LIMITS.restartsMax,
] as const;

/** The option of commands that go on with a run of the same run file whose coordinator has died. */
export const NEW_OPTION = [
  '--new',
  'start a new run, also where one of the same run file was killed and could go on',
] as const;

export function engineName(text: string): 'tensorflow' | 'js' {
  if (text !== 'tensorflow' && text !== 'js') {
    throw new InvalidArgumentError('the engine is tensorflow or js.');
  }
  return text;
}
