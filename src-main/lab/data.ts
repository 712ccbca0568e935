import { constants } from 'node:fs';
import { copyFile, mkdir } from 'node:fs/promises';
import { basename, extname, join, resolve } from 'node:path';
import { LabError } from '../../shared/errors';
import { dataSchema, type DataRecipe } from '../../shared/project/data';
import { guessRecipe } from '../data/index';
import type { Handlers, LabContext } from './context';
import { errorCode, writeError } from './files';
import type { ProjectSession } from './session';

type DataCalls =
  'data.import' | 'data.generate' | 'data.summary' | 'data.tryRecipe' | 'data.rows' | 'data.images' | 'data.points';

export function dataHandlers(context: LabContext): Handlers<DataCalls> {
  const { projects, datasets } = context;

  /** Makes a recipe the project's own, once it was found readable. */
  async function adopt(session: ProjectSession, recipe: DataRecipe) {
    const summary = await datasets.use(session, recipe, async (dataset) => dataset.summary);
    const document = { ...session.document, data: recipe };
    const revision = await session.save(document, null);
    context.saved(session);
    return { document, revision, summary };
  }

  return {
    'data.import': async ({ project, paths, copy, format }) => {
      const session = projects.get(project);
      session.assertWritable();
      const files = copy ? await Promise.all(paths.map((path) => copyIntoProject(session.path, path))) : paths;
      return adopt(session, await guessRecipe(files, { projectFolder: session.path, format }));
    },
    'data.generate': async ({ project, ...wanted }) => {
      const session = projects.get(project);
      session.assertWritable();
      const split = wanted.generator === 'lecture-regression' ? { split: { kind: 'generated' } } : {};
      return adopt(session, dataSchema.parse({ kind: 'generated', ...wanted, ...split }));
    },
    'data.summary': async ({ project }) => {
      const session = projects.get(project);
      if (!hasData(session.document.data)) return null;
      return datasets.use(session, session.document.data, async (dataset) => dataset.summary);
    },
    'data.tryRecipe': ({ project, columns, split }) => {
      const session = projects.get(project);
      const { data } = session.document;
      if (!hasData(data)) throw new LabError('data.none');
      const tried: DataRecipe = data.kind === 'table' ? { ...data, columns, split } : { ...data, split };
      return datasets.use(session, tried, async (dataset) => dataset.summary);
    },
    'data.rows': ({ project, offset, limit }) => {
      const session = projects.get(project);
      if (!hasData(session.document.data)) throw new LabError('data.none');
      return datasets.use(session, session.document.data, (dataset) => dataset.rows(offset, limit));
    },
    'data.images': ({ project, offset, limit }) => {
      const session = projects.get(project);
      if (!hasData(session.document.data)) throw new LabError('data.none');
      return datasets.use(session, session.document.data, async (dataset) => {
        const images = await dataset.images(offset, limit);
        if (!images) throw new LabError('app.invalid-call', { call: 'data.images', reason: 'the data are no images' });
        return images;
      });
    },
    'data.points': async ({ project }) => {
      const session = projects.get(project);
      if (!hasData(session.document.data)) return null;
      return datasets.use(session, session.document.data, (dataset) => dataset.points());
    },
  };
}

/** Whether there is anything to read: a kind that was chosen, and its files named. */
export function hasData(data: DataRecipe): data is Exclude<DataRecipe, { kind: 'none' }> {
  return data.kind !== 'none' && !(data.kind === 'idx' && data.images === '' && data.labels === '');
}

/** Copies a file into data/ and returns its path there; never over another file of that name. */
async function copyIntoProject(folder: string, path: string): Promise<string> {
  const source = resolve(folder, path);
  const target = join(folder, 'data');
  const extension = extname(source);
  const stem = basename(source, extension);
  try {
    await mkdir(target, { recursive: true });
    for (let count = 1; ; count++) {
      const name = count === 1 ? `${stem}${extension}` : `${stem}-${count}${extension}`;
      if (join(target, name) === source) return join('data', name);
      try {
        await copyFile(source, join(target, name), constants.COPYFILE_EXCL);
        return join('data', name);
      } catch (error) {
        if (errorCode(error) !== 'EEXIST') throw error;
      }
    }
  } catch (error) {
    if (errorCode(error) === 'ENOENT') throw new LabError('data.file-not-found', { file: source });
    throw writeError(join(target, basename(source)), error);
  }
}
