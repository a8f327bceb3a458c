/**
 * No fault lasts as long as members have for linking: who lives and is heard also links. Pure.
 */
import type { MakeChecker } from './checker.ts';

export const checkLinking: MakeChecker = (_, report) => ({
  listener: {
    onRecord: (record) => {
      if (record.kind !== 'generation' || !/late in linking/.test(record.reason)) return;
      report(record.reason);
    },
  },
});
