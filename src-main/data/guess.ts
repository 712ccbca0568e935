import { basename } from 'node:path';
import { LabError } from '../../shared/errors';
import { dataSchema, type DataRecipe, type TableFormat } from '../../shared/project/data';
import { fileFacts, recipePath, resolveDataPath, sha256OfFile, type FileFacts } from './file';
import { isImageHeader, looksLikeIdx, readIdxHeader } from './idx/format';
import { guessRoles } from './recipe/roles';
import { shareTable } from './table/shared-tables';
import { unknownFormat } from './table/table-file';

export interface GuessOptions {
  /** Paths inside it are recorded relative to it; null: all absolute. */
  projectFolder: string | null;
  /** How to read a table; absent: found by looking at it. */
  format?: TableFormat;
}

/**
 * A recipe for files a person chose, told apart by content: one table, or an IDX pair in either order, compressed or not. `paths`
 * are absolute, or relative to the project folder.
 */
export async function guessRecipe(paths: readonly string[], options: GuessOptions): Promise<DataRecipe> {
  const files: FileFacts[] = [];
  for (const path of paths) files.push(await fileFacts(resolveDataPath(path, options.projectFolder ?? process.cwd())));
  const idx: FileFacts[] = [];
  for (const file of files) if (await looksLikeIdx(file)) idx.push(file);
  if (idx.length > 0 && idx.length === files.length) return guessIdx(idx, options);
  const [file] = files;
  if (!file || files.length > 1) {
    throw new LabError('data.which-files', { files: paths.map((path) => basename(path)) });
  }
  const format = options.format ?? unknownFormat;
  const source = await shareTable(file, format);
  try {
    return dataSchema.parse({
      kind: 'table',
      path: recipePath(file.path, options.projectFolder),
      sha256: await sha256OfFile(file),
      format,
      columns: guessRoles(source),
    });
  } finally {
    await source.close();
  }
}

async function guessIdx(files: FileFacts[], { projectFolder }: GuessOptions): Promise<DataRecipe> {
  const images: FileFacts[] = [];
  const labels: FileFacts[] = [];
  for (const file of files) (isImageHeader(await readIdxHeader(file)) ? images : labels).push(file);
  const [image] = images;
  const [label] = labels;
  if (images.length > 1 || labels.length > 1) {
    throw new LabError('data.which-files', { files: files.map(({ path }) => basename(path)) });
  }
  if (!image) throw new LabError('data.images-missing', { file: label?.path ?? '' });
  if (!label) throw new LabError('data.labels-missing', { file: image.path });
  return dataSchema.parse({
    kind: 'idx',
    images: recipePath(image.path, projectFolder),
    labels: recipePath(label.path, projectFolder),
    imagesSha256: await sha256OfFile(image),
    labelsSha256: await sha256OfFile(label),
  });
}
