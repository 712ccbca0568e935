import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll } from 'vitest';
import { closeIdleTables, guessRecipe, openDataset, type Dataset } from '../../../src-main/data';
import type { DataRecipe } from '../../../shared/project/data';

export type TableRecipe = Extract<DataRecipe, { kind: 'table' }>;

export const example = (path: string): string => fileURLToPath(new URL(`../../../examples/${path}`, import.meta.url));

/** A folder of files for one test file, removed at its end. */
export function dataFolder() {
  let folder = '';
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'deltalab-test-'));
  });
  afterAll(async () => {
    await closeIdleTables();
    await rm(folder, { recursive: true });
  });
  const write = async (name: string, content: string | Uint8Array): Promise<string> => {
    const path = join(folder, name);
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, content);
    return path;
  };
  const guess = async (...paths: string[]): Promise<DataRecipe> => guessRecipe(paths, { projectFolder: folder });
  return {
    path: (name: string): string => join(folder, name),
    write,
    guess,
    /** The guessed recipe of a table with this content. */
    table: async (name: string, content: string | Uint8Array): Promise<TableRecipe> => {
      const recipe = await guess(await write(name, content));
      if (recipe.kind !== 'table') throw new Error(`${name} was taken for ${recipe.kind}`);
      return recipe;
    },
    open: (recipe: DataRecipe, cacheFolder: string | null = null): Promise<Dataset> =>
      openDataset(recipe, { projectFolder: folder, cacheFolder }),
  };
}

/** The recipe with some columns set otherwise. */
export function withColumns(
  recipe: TableRecipe,
  changes: Record<string, Partial<TableRecipe['columns'][number]>>,
): TableRecipe {
  return { ...recipe, columns: recipe.columns.map((column) => ({ ...column, ...changes[column.name] })) };
}

/** Columns of split samples, back from [count, width]. */
export function columnOf(values: Float32Array, width: number, column: number): number[] {
  return Array.from({ length: values.length / width }, (_, row) => values[row * width + column] ?? Number.NaN);
}
