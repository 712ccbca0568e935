import { randomBytes } from 'node:crypto';
import { mkdir, readdir, readFile, rename, rm, rmdir, stat } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { LabError, systemReason } from '../../shared/errors';
import { projectSchema } from '../../shared/project/document';
import { encodeModel } from '../onnx/encode';
import type { ImportReport } from '../../shared/api/contract';
import { importModel, type ImportedModel } from '../onnx/import';
import { modelLimits } from '../onnx/scan';
import type { LabContext } from './context';
import { errorCode, writeError, writeFileAtomic } from './files';
import { sha256, weightsFile } from './network-weights';
import { freeFolder } from './projects';
import { writeNewProject, type ProjectSession } from './session';

/** Makes a project of an ONNX file. */
export async function makeProjectOfModel(
  context: Pick<LabContext, 'compute' | 'options'>,
  { path, folder, name, output }: { path: string; folder: string | null; name: string | null; output: string | null },
): Promise<{ folder: string; report: ImportReport }> {
  const file = basename(path);
  const title = (name ?? file.replace(/\.onnx$/i, '')).slice(0, 120) || 'model';
  return makeProjectOf(context, { folder, title }, async () =>
    importModel(await readModelBytes(path), file, context.compute, output),
  );
}

/** Makes a project of a network: layers, weights and all, or nothing. It is written beside its place and moved there when it is complete. */
export async function makeProjectOf(
  context: Pick<LabContext, 'options'>,
  { folder, title }: { folder: string | null; title: string },
  load: () => Promise<ImportedModel>,
): Promise<{ folder: string; report: ImportReport }> {
  const target = folder === null ? await freeFolder(context.options.projectsFolder, title) : resolve(folder);
  await assertFree(target);
  const { network, graph, report } = await load();
  const weights = encodeModel(graph);
  const document = projectSchema.parse({
    format: 1,
    name: title,
    data: { kind: 'none' },
    network: { ...network, weights: { path: weightsFile, sha256: sha256(weights) } },
    training: {},
  });
  const temporary = join(dirname(target), `.${basename(target)}.${randomBytes(6).toString('hex')}.importing`);
  try {
    await mkdir(temporary, { recursive: true });
    await writeFileAtomic(join(temporary, weightsFile), weights);
    await writeNewProject(temporary, document);
    // An empty folder of that name gives way; Windows replaces none.
    await rmdir(target).catch(allowMissing);
    await rename(temporary, target);
  } catch (error) {
    await rm(temporary, { recursive: true, force: true });
    throw writeError(target, error);
  }
  return { folder: target, report };
}

/**
 * Puts a network in the place of a project's own. Its weights get a file of their own, so that the document as it was still finds its
 * weights: the change can be undone.
 */
export async function replaceNetwork(
  session: ProjectSession,
  { network, graph }: ImportedModel,
  revision: number,
): Promise<number> {
  session.assertWritable();
  const weights = encodeModel(graph);
  const hash = sha256(weights);
  const path = `weights-${hash.slice(0, 8)}.onnx`;
  await writeFileAtomic(join(session.path, path), weights);
  return session.save(
    (document) => ({ ...document, network: { ...network, weights: { path, sha256: hash } } }),
    revision,
  );
}

function allowMissing(error: unknown): void {
  if (errorCode(error) !== 'ENOENT') throw error;
}

async function assertFree(folder: string): Promise<void> {
  let entries: string[];
  try {
    entries = await readdir(folder);
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return;
    throw writeError(folder, error);
  }
  if (entries.length > 0) throw new LabError('project.folder-not-empty', { path: folder });
}

async function readModelBytes(path: string): Promise<Uint8Array> {
  try {
    const { size } = await stat(path);
    if (size > modelLimits.bytes)
      throw new LabError('model.too-large', { file: path, what: 'bytes', count: size, maximum: modelLimits.bytes });
    return await readFile(path);
  } catch (error) {
    if (error instanceof LabError) throw error;
    throw new LabError('model.file-unreadable', { file: path, reason: systemReason(error) }, { cause: error });
  }
}
