#!/usr/bin/env node
/** The entry of the `crescendo` command: it listens for signals while the program is loaded. */
import { listenForSignals } from './signals.ts';

listenForSignals();
const { runCommandLine } = await import('./program.ts');
process.exit(await runCommandLine());
