// Installs the packages when they are missing or older than the lock file, then builds to dist/.
import { spawnSync } from 'node:child_process';
import { existsSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = join(dirname(fileURLToPath(import.meta.url)), '..');

/** Runs a command with its output shown; ends this process when it fails. */
export function runOrExit(command, args, what) {
  const result = spawnSync(command, args, { cwd: root, stdio: ['ignore', 'inherit', 'inherit'] });
  if (result.status !== 0) {
    console.error(`${what} failed: ${result.error?.message ?? `exit code ${result.status}`}`);
    process.exit(result.status ?? 1);
  }
}

export function ensureBuilt() {
  const [major, minor] = process.versions.node.split('.').map(Number);
  if (major < 20 || (major === 20 && minor < 15)) {
    console.error(`Node ${process.versions.node} is too old: crescendo needs 20.15 or newer`);
    process.exit(2);
  }
  const installed = join(root, 'node_modules', '.package-lock.json');
  const lock = join(root, 'package-lock.json');
  if (!existsSync(installed) || statSync(installed).mtimeMs < statSync(lock).mtimeMs) {
    console.error('installing the packages (npm ci), which takes a minute or so');
    runOrExit(process.platform === 'win32' ? 'npm.cmd' : 'npm', ['ci'], 'npm ci');
  }
  const compiler = join(root, 'node_modules', 'typescript', 'bin', 'tsc');
  runOrExit(process.execPath, [compiler, '-p', 'tsconfig.build.json'], 'the build');
}
