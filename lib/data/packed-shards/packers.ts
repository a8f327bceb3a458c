/** Processes that pack shards, as many at a time as are wanted. */
import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { CrescendoError } from '../../base/errors.ts';
import { shardFile, type LeftOut } from './manifest.ts';
import type { PackAnswer, PackOrder } from './pack-process.ts';
import type { ShardTask } from './pack-shard.ts';

/**
 * Does all tasks in their order. After a failure none is begun.
 * @param onPacked is told of each shard, and of images that could not be read
 * @throws what the first failure says
 */
export async function packAll(
  order: PackOrder,
  tasks: readonly ShardTask[],
  processCount: number,
  onPacked: (task: ShardTask, leftOut: readonly LeftOut[]) => void,
): Promise<void> {
  const waiting = [...tasks];
  const failures: unknown[] = [];
  const work = async (): Promise<void> => {
    const child = start(order);
    const ended = once(child, 'exit') as Promise<[number | null, NodeJS.Signals | null]>;
    ended.catch(() => undefined);
    try {
      for (let task = waiting.shift(); task !== undefined; task = waiting.shift()) {
        const answer = await Promise.race([answerOf(child, task), ended.then(describeEnd(task))]);
        onPacked(task, leftOutOf(answer));
      }
    } catch (error) {
      failures.push(error);
      waiting.length = 0;
    } finally {
      if (child.connected) child.disconnect();
    }
  };
  await Promise.all(Array.from({ length: Math.min(processCount, tasks.length) }, work));
  if (failures.length > 0) throw failures[0];
}

function start(order: PackOrder): ChildProcess {
  const child = fork(new URL('./pack-process.js', import.meta.url), {
    execArgv: [],
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
  child.send(order);
  return child;
}

async function answerOf(child: ChildProcess, task: ShardTask): Promise<PackAnswer> {
  const answered = once(child, 'message');
  child.send(task);
  const [answer] = (await answered) as [PackAnswer];
  return answer;
}

function describeEnd(task: ShardTask): (exit: [number | null, NodeJS.Signals | null]) => never {
  return ([code, signal]) => {
    const name = shardFile(task.split, task.number);
    throw new CrescendoError(
      'CRESCENDO_DATASET_INVALID',
      `a process that packed ${name} ended with ${signal ?? `exit code ${code}`}: give it more ` +
        'memory, and run the command again, which does only what lacks',
    );
  };
}

function leftOutOf(answer: PackAnswer): readonly LeftOut[] {
  if (answer.kind === 'packed') return answer.leftOut;
  const { code, message } = answer;
  throw code === undefined ? new Error(message) : new CrescendoError(code, message);
}
