/**
 * Workers end because they are released, die or lose the coordinator, and links break because of
 * the network: never because something that a worker or the coordinator sent broke a rule. Pure.
 */
import { CrescendoError, type ErrorCode } from '../../base/errors.ts';
import type { MakeChecker } from './checker.ts';

const EXPECTED_CODES: ReadonlySet<ErrorCode> = new Set(['CRESCENDO_COORDINATOR_UNREACHABLE']);

export const checkErrors: MakeChecker = (_, report) => ({
  listener: {
    onEnded: ({ name }, reason, error) => {
      if (error === undefined) return;
      const isExpected = error instanceof CrescendoError && EXPECTED_CODES.has(error.code);
      if (!isExpected) report(`${name} ended: ${reason}`);
    },
    onNotice: ({ name }, text) => {
      if (text.includes('broke:') && !text.endsWith('broke: connection reset')) {
        report(`${name} notes: ${text}`);
      }
    },
    onReceived: ({ name }, message) => {
      const isForGood = message.kind === 'refused' && message.retryAfterMs === 0;
      if (isForGood) report(`${name} is refused: ${message.message}`);
    },
  },
});
