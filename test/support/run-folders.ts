/** Run folders of tests. */
import { RunFolder, type RunFolderOptions } from '../../coordinator/run-folder.ts';
import { nodeFiles } from '../../lib/storage/node-files.ts';
import { aRun } from './engines.ts';

/** Options of a folder on this machine, whose weights files have no tensors. */
export function runFolderOptions(others: Partial<RunFolderOptions> = {}): RunFolderOptions {
  return {
    files: nodeFiles,
    planWeights: () => ({ header: new Uint8Array(0), ranges: [] }),
    onNotice: (text) => {
      throw new Error(`unexpected notice: ${text}`);
    },
    timeOfDay: () => 1000,
    onRecordWritten: () => undefined,
    ...others,
  };
}

/** The folder of a new run; the caller closes it. */
export function aRunFolder(path: string, others: Partial<RunFolderOptions> = {}): RunFolder {
  return RunFolder.create(path, aRun(), runFolderOptions(others));
}
