/** Where a worker is in its life; core.ts says how it goes from one to the next. Pure. */
import type { RunConfig } from '../../lib/run/run-config.ts';
import type { Welcome } from '../../proto/generated/messages.ts';
import type { ReadyReply } from './events.ts';
import type { Member } from './member.ts';

/** A run that this worker was welcomed to. */
interface Enrolled {
  readonly welcome: Welcome;
  readonly run: RunConfig;
}

export type Life =
  | { readonly name: 'greeting' }
  | ({ readonly name: 'preparing' } & Enrolled)
  | ({ readonly name: 'member'; readonly ready: ReadyReply; readonly member: Member } & Enrolled)
  | {
      readonly name: 'leaving';
      readonly appliedSteps: number;
      readonly runId: string;
      readonly why: Error | undefined;
    }
  | { readonly name: 'ended' };
