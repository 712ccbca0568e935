import { LabError } from '../../shared/errors';
import { columnSchema, type ColumnRecipe, type DataRecipe } from '../../shared/project/data';
import type { Dataset } from './dataset';
import { fileFacts, resolveDataPath, sha256OfFile } from './file';
import { GeneratedSource } from './generated/generated-source';
import { generate } from './generated/generators';
import { openImages } from './idx/image-dataset';
import { openRows } from './row-dataset';
import type { Note } from './source';
import { shareTable } from './table/shared-tables';
import { TensorCache } from './tensor-cache';

export interface OpenOptions {
  /** What relative paths of the recipe start from. */
  projectFolder: string;
  /** Where prepared samples may be kept; null: nowhere. */
  cacheFolder: string | null;
}

/**
 * A project's data under its recipe. Throws when a file can't be read at all (LabError naming the file and, where it is known, the
 * row and column); what a person can put right on the Data page is listed in `summary.issues` instead.
 */
export async function openDataset(recipe: DataRecipe, options: OpenOptions): Promise<Dataset> {
  switch (recipe.kind) {
    case 'none':
      throw new LabError('data.none');
    case 'table':
      return openTable(recipe, options);
    case 'idx':
      return openImages(recipe, options);
    case 'generated':
      return openGenerated(recipe);
  }
}

async function openTable(recipe: Extract<DataRecipe, { kind: 'table' }>, options: OpenOptions): Promise<Dataset> {
  const facts = await fileFacts(resolveDataPath(recipe.path, options.projectFolder));
  const source = await shareTable(facts, recipe.format);
  try {
    const sha256 = await sha256OfFile(facts);
    const notes: Note[] = [];
    if (recipe.sha256 !== null && recipe.sha256 !== sha256) notes.push({ code: 'data.note.file-changed', details: {} });
    const cache =
      options.cacheFolder === null
        ? null
        : new TensorCache(options.cacheFolder, ['table', sha256, recipe.format, recipe.columns, recipe.split]);
    return await openRows(source, { columns: recipe.columns, split: recipe.split, prescribed: null, notes, cache });
  } catch (error) {
    await source.close();
    throw error;
  }
}

async function openGenerated(recipe: Extract<DataRecipe, { kind: 'generated' }>): Promise<Dataset> {
  const set = generate(recipe.generator, recipe);
  const columns = set.columns.map((column): ColumnRecipe => {
    const isLabels = 'labels' in column;
    return columnSchema.parse({
      name: column.name,
      role: column.role,
      encoding: isLabels ? 'class' : 'number',
      scale: column.role === 'input' ? recipe.scale : 'none',
    });
  });
  const source = new GeneratedSource(set, recipe.generator);
  return openRows(source, { columns, split: recipe.split, prescribed: set.split, notes: [], cache: null });
}
