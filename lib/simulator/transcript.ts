/** What happens in a simulated cluster, in words, a line each. Pure. */
import type { JournalRecord } from '../../coordinator/core/events.ts';
import type { CoordinatorMessage, Lease, WorkerMessage } from '../../proto/generated/messages.ts';
import type { ClusterListener } from './cluster.ts';
import type { SimulatedWorker } from './worker.ts';

/** @param say takes each line; what every run has is left out */
export function transcribe(say: (text: string) => void): ClusterListener {
  const sayIf = (text: string | undefined): void => {
    if (text !== undefined) say(text);
  };
  return {
    onReceived: (worker, message) => {
      sayIf(describeOrder(worker, message));
    },
    onSent: (worker, message) => {
      sayIf(describeReport(worker, message));
    },
    onEnded: ({ name }, reason, error) => {
      say(`${name} ${error === undefined ? 'is released' : 'fails'}: ${reason}`);
    },
    onNotice: ({ name }, text) => {
      say(`${name} notes: ${text}`);
    },
    onRecord: (record) => {
      sayIf(describeRecord(record));
    },
  };
}

function leasesOf(leases: readonly Lease[]): string {
  return leases.map(({ slot, microBatches }) => `${slot}:${microBatches.join(',')}`).join(' ');
}

/** What a worker is told; undefined for what every scenario has. */
function describeOrder({ name }: SimulatedWorker, message: CoordinatorMessage): string | undefined {
  const to = `c>${name}`;
  switch (message.kind) {
    case 'welcome':
      return `${to} welcome as slot ${message.slot}`;
    case 'refused':
      return `${to} refused: ${message.message}`;
    case 'roster': {
      const { generation, committedSteps, stateSourceSlot } = message;
      const members = message.members.map(({ slot, hasState }) => `${slot}${hasState ? '' : '*'}`);
      const source = stateSourceSlot < 0 ? 'the seed' : `slot ${stateSourceSlot}`;
      return (
        `${to} roster g${generation} of ${members.join(' ')}, ${committedSteps} committed, ` +
        `state from ${source}`
      );
    }
    case 'stepOrder': {
      const { generation, step, attempt, phase, innerLearningRates, leases } = message;
      const inner = innerLearningRates.length;
      const steps = inner > 1 ? `steps ${step}+${inner}` : `step ${step}`;
      return (
        `${to} ${steps} attempt ${attempt} g${generation} at ${phase.imageSizePx} px, ` +
        leasesOf(leases)
      );
    }
    case 'evaluationOrder':
      return `${to} evaluate after ${message.committedSteps} at ${message.imageSizePx} px`;
    case 'finishOrder':
      return `${to} finish after ${message.committedSteps}`;
    case 'checkpointOrder': {
      const leases = message.leases.map(({ begin, end }) => `${begin}-${end}`);
      const asked = leases.length === 0 ? 'nothing asked' : `values ${leases.join(' ')}`;
      return `${to} checkpoint after ${message.committedSteps}, ${asked}`;
    }
    case 'blockStored':
      return message.isWanted ? undefined : `${to} block ${message.index} is not wanted`;
    case 'restoredBlock':
      return `${to} block ${message.index} of the checkpoint`;
    case 'heartbeatSeen':
    case 'released':
      return undefined;
  }
}

/** What a worker says; undefined for what every scenario has. */
function describeReport({ name }: SimulatedWorker, message: WorkerMessage): string | undefined {
  const from = `${name}>c`;
  switch (message.kind) {
    case 'linksReady': {
      const relinked = message.relinked ? ' again' : '';
      const unreachable = message.unreachableSlots;
      const but = unreachable.length > 0 ? `, not to ${unreachable.join(' ')}` : '';
      return `${from} linked${relinked} g${message.generation}${but}`;
    }
    case 'stepReduced':
      return (
        `${from} reduced step ${message.step} attempt ${message.attempt}: ` +
        message.checksum.toString(16)
      );
    case 'evaluationDone':
      return `${from} evaluated batch ${message.batches.map(({ index }) => index).join(', ')}`;
    case 'finished':
      return `${from} finished ${message.weightsSha256.slice(0, 8)}`;
    case 'failure':
      return `${from} failure ${message.code}: ${message.message}`;
    case 'drainRequest':
      return `${from} asks to leave`;
    case 'prepared': {
      const { history, appliedSteps, reducedSteps } = message.held;
      if (history === 0) return undefined;
      return `${from} holds ${appliedSteps} steps${reducedSteps > 0 ? ' and one to commit' : ''}`;
    }
    case 'stateBlock':
      return `${from} block ${message.index} of the state after ${message.committedSteps}`;
    case 'stateHeld':
      return `${from} has the state`;
    case 'badSamples': {
      const named = message.samples.map(({ index }) => index).join(' ');
      return `${from} cannot read samples ${named}${message.isFinal ? ', and stops' : ''}`;
    }
    case 'hello':
    case 'heartbeat':
    case 'blockRequest':
      return undefined;
  }
}

function describeRecord(record: JournalRecord): string | undefined {
  switch (record.kind) {
    case 'started':
      return undefined;
    case 'generation':
      return `journal g${record.generation}: ${record.reason}`;
    case 'committed':
      return (
        `journal commit of step ${record.step}, samples ` +
        `${record.firstPosition}+${record.sampleCount}`
      );
    case 'nonfinite':
      return `journal step ${record.step} not finite${record.isSkipped ? ', skipped' : ''}`;
    case 'evaluated':
      return `journal evaluation after ${record.result.steps}`;
    case 'badSamples':
      return `journal bad samples ${record.samples.map(({ index }) => index).join(' ')}`;
    case 'evicted':
      return `journal evicts slot ${record.slots.join(', ')}: ${record.reason}`;
    case 'checkpointed':
      return `journal checkpoint after ${record.committedSteps}`;
    case 'restored':
      return `journal goes back from ${record.fromSteps} to ${record.toSteps} steps`;
    case 'sharded':
      return `journal shards of g${record.settled.generation}`;
    case 'resumed':
      return 'journal resumed';
    case 'ended':
      return `journal end: ${record.ending}, ${record.reason}`;
  }
}
