import { CommanderError } from 'commander';
import { expect, it, vi } from 'vitest';
import { createProgram } from '../../../../src-main/cli/program';

it.each(['65536', '70000', '-1', '80.5'])('refuses port %s as wrong usage, before a lab is opened', async (port) => {
  const write = vi.spyOn(process.stderr, 'write').mockReturnValue(true);
  try {
    const parsed = createProgram().parseAsync(['serve', `--port=${port}`], { from: 'user' });
    await expect(parsed).rejects.toBeInstanceOf(CommanderError);
    await expect(parsed).rejects.toMatchObject({ code: 'commander.invalidArgument' });
  } finally {
    write.mockRestore();
  }
});
