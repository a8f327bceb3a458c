/**
 * Generations and steps only grow: in the journal, and in what each worker is told on one
 * connection, unless the run goes back. Pure.
 */
import type { CoordinatorMessage, StepOrder } from '../../../proto/generated/messages.ts';
import type { SimulatedWorker } from '../worker.ts';
import type { MakeChecker } from './checker.ts';

interface Told {
  generation: number;
  history: number;
  order: StepOrder | undefined;
}

export const checkGrowth: MakeChecker = (_, report) => {
  let generation = 0;
  const told = new Map<SimulatedWorker, Told>();

  const onOrder = (worker: SimulatedWorker, state: Told, order: StepOrder): void => {
    if (order.generation !== state.generation) {
      report(`${worker.name} in g${state.generation} is given an order of g${order.generation}`);
    }
    const last = state.order;
    if (last !== undefined && !isAfter(order, last)) {
      report(`${worker.name} is given ${textOf(order)} after ${textOf(last)}`);
    }
    state.order = order;
  };
  const onMessage = (worker: SimulatedWorker, message: CoordinatorMessage): void => {
    const state = told.get(worker);
    if (message.kind === 'welcome')
      told.set(worker, { generation: 0, history: 0, order: undefined });
    else if (state === undefined) return;
    else if (message.kind === 'stepOrder') onOrder(worker, state, message);
    else if (message.kind === 'roster') {
      if (message.generation <= state.generation) {
        report(`${worker.name} in g${state.generation} is told of g${message.generation}`);
      }
      state.generation = message.generation;
      // Where the run has gone back, steps are done again.
      if (message.history > state.history) state.order = undefined;
      state.history = message.history;
    }
  };
  return {
    listener: {
      onRecord: (record) => {
        if (record.kind !== 'generation') return;
        if (record.generation <= generation) {
          report(`g${record.generation} is journaled after g${generation}`);
        }
        generation = record.generation;
      },
      onReceived: onMessage,
    },
  };
};

function isAfter(order: StepOrder, last: StepOrder): boolean {
  if (order.step !== last.step) return order.step > last.step;
  return order.generation >= last.generation && order.attempt > last.attempt;
}

function textOf({ generation, step, attempt }: StepOrder): string {
  return `g${generation} step ${step} attempt ${attempt}`;
}
