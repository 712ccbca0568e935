import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { LabError } from '../../shared/errors';
import { parseCells, stringifyCells } from '../../shared/python/cells';
import { writeFileAtomic, readTextIfThere } from './files';

/** The cells of a project's notebook as one Python file, `# %%` above each: other editors read and write the same. */
const scratchpadFile = 'scratchpad.py';

/** Null: the project has no notebook yet. */
export async function readCells(projectFolder: string): Promise<{ cells: string[] | null; revision: string | null }> {
  const text = await readTextIfThere(join(projectFolder, scratchpadFile));
  return { cells: text === null ? null : parseCells(text), revision: revisionOf(text) };
}

/**
 * Returns the revision of what is there now. Throws `scratchpad.changed-elsewhere` when the file is not the one of `revision`; undefined: whatever
 * is there is written over.
 */
export async function writeCells(
  projectFolder: string,
  cells: readonly string[],
  revision: string | null | undefined,
): Promise<string | null> {
  const path = join(projectFolder, scratchpadFile);
  const text = stringifyCells(cells);
  const onDisk = await readTextIfThere(path);
  if (onDisk === text) return revisionOf(text);
  if (revision !== undefined && revisionOf(onDisk) !== revision)
    throw new LabError('scratchpad.changed-elsewhere', { path });
  await writeFileAtomic(path, text);
  return revisionOf(text);
}

/** Tells one text of the file from another, whoever wrote it. Null: there is no file. */
function revisionOf(text: string | null): string | null {
  return text === null ? null : createHash('sha256').update(text).digest('hex').slice(0, 16);
}
