import { join } from 'node:path';
import { parseCells, stringifyCells } from '../../shared/python/cells';
import { writeFileAtomic, readTextIfThere } from './files';

/** The cells of a project's notebook as one Python file, `# %%` above each: other editors read and write the same. */
const scratchpadFile = 'scratchpad.py';

/** Null: the project has no notebook yet. */
export async function readCells(projectFolder: string): Promise<string[] | null> {
  const text = await readTextIfThere(join(projectFolder, scratchpadFile));
  return text === null ? null : parseCells(text);
}

export async function writeCells(projectFolder: string, cells: readonly string[]): Promise<void> {
  await writeFileAtomic(join(projectFolder, scratchpadFile), stringifyCells(cells));
}
