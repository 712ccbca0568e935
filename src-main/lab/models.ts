import { randomBytes } from 'node:crypto';
import { mkdir, rename, rm } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import type { ExportReport } from '../../shared/api/experiments';
import { LabError } from '../../shared/errors';
import { bakedOutputs, bakePreprocessing, rawInputs } from '../onnx/bake';
import { defaultOpset, encodeModel } from '../onnx/encode';
import type { Handlers, LabContext } from './context';
import type { ExperimentRegistry } from './experiment-registry';
import { writeError, writeFileAtomic } from './files';
import { makeProjectOfModel } from './import-model';
import { assertReplaceable, modelMetadata } from './model-files';

export const verificationLimit = 1e-4;

/** Files that may be fetched by a name nobody can guess, for pages that have no file system. */
export class Downloads {
  private readonly paths = new Map<string, string>();

  add(path: string): string {
    const id = randomBytes(16).toString('hex');
    this.paths.set(id, path);
    return id;
  }

  path(id: string): string | null {
    return this.paths.get(id) ?? null;
  }
}

export function modelHandlers(
  context: LabContext,
  experiments: ExperimentRegistry,
  downloads: Downloads,
): Handlers<'models.export' | 'models.import'> {
  return {
    'models.import': async (input, holder) => {
      const { folder, report } = await makeProjectOfModel(context, input);
      const session = await context.projects.open(folder, holder);
      await context.user.remember(session.path, session.document.name);
      return { project: session.describe(), report };
    },
    'models.export': async ({ project, lane, which, ...input }) => {
      const session = context.projects.get(project);
      if (input.path === null) session.assertWritable();
      const experiment = await experiments.get(session, input.experiment);
      const { frozen, folder } = experiment;
      const { preprocessing, loss } = frozen;
      const path = exportPath(session.path, input.path, `${frozen.id}-${lane}.onnx`);
      await assertReplaceable(path, session.path);
      const graph = await experiments.laneGraph(experiment, lane, which);
      const options = { scaling: input.bakePreprocessing, probabilities: input.probabilities, loss };
      const exported = bakePreprocessing(graph, preprocessing, options);
      const data = await context.datasets.use(session, frozen.data, (dataset) => dataset.tensors());
      const split = data.splits.validation.count > 0 ? data.splits.validation : data.splits.training;
      const outputs = await context.compute.outputs(graph, split.inputs, split.count);
      const expected = bakedOutputs(outputs, outputs.length / split.count, graph, preprocessing, options);

      const bytes = encodeModel(exported, {
        metadata: modelMetadata(frozen, {
          project: frozen.project,
          scalesItself: input.bakePreprocessing,
          givesProbabilities: input.probabilities,
        }),
      });
      // Checked under another name: a file that gives other answers never stands where it was asked for.
      const unchecked = join(dirname(path), `.${basename(path)}.${randomBytes(8).toString('hex')}.unchecked`);
      try {
        await mkdir(dirname(path), { recursive: true });
      } catch (error) {
        throw writeError(path, error);
      }
      await writeFileAtomic(unchecked, bytes);
      const { verifyModel } = await import('../onnx/verify');
      let verification: ExportReport['verification'];
      try {
        const { rows, largestDifference, limit, onnxruntime } = await verifyModel({
          model: unchecked,
          file: path,
          inputs: input.bakePreprocessing ? rawInputs(split.inputs, preprocessing) : split.inputs,
          rows: split.count,
          inputShape: data.inputShape,
          expected,
          limit: verificationLimit,
        });
        verification = { rows, largestDifference, limit, onnxruntime };
        await rename(unchecked, path);
      } catch (error) {
        await rm(unchecked, { force: true });
        throw error instanceof LabError ? error : writeError(path, error);
      }
      const report = { path, bytes: bytes.length, opset: defaultOpset, verification };
      if (!session.describe().readOnly)
        await writeFileAtomic(
          folder.lanePath(lane, 'export.json'),
          `${JSON.stringify({ which, ...report }, null, 2)}\n`,
        );
      return { ...report, downloadId: downloads.add(path) };
    },
  };
}

function exportPath(projectFolder: string, wanted: string | null, name: string): string {
  if (wanted === null) return join(projectFolder, 'exports', name);
  return resolve(projectFolder, wanted);
}
