#!/usr/bin/env node
import { CommanderError } from 'commander';
import { errorMessage, LabError, toErrorRecord } from '../../shared/errors';
import { exitCodes, StoppedByUser, systemLanguage } from './outcome';
import { createProgram } from './program';

async function main(): Promise<number> {
  const program = createProgram();
  try {
    await program.parseAsync();
    return exitCodes.done;
  } catch (error) {
    // Commander has written its own message; --help and --version are no failures.
    if (error instanceof CommanderError) return error.exitCode === 0 ? exitCodes.done : exitCodes.usage;
    if (error instanceof StoppedByUser) return exitCodes.stopped;
    console.error(errorMessage(toErrorRecord(error), systemLanguage()));
    return error instanceof LabError && isUsage(error) ? exitCodes.usage : exitCodes.failed;
  }
}

function isUsage({ code }: LabError): boolean {
  return (
    code === 'app.usage' ||
    code === 'model.no-preprocessing' ||
    code === 'project.unknown-path' ||
    code === 'project.bad-value' ||
    code === 'project.no-example'
  );
}

// Whoever reads us may leave early (`| head`): that ends nothing by itself, and is no failure.
for (const stream of [process.stdout, process.stderr])
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error;
  });

// Set, not exit(): what is still being written to a pipe goes out first.
process.exitCode = await main();
