import { constants } from 'node:fs';
import { copyFile, mkdir, rm } from 'node:fs/promises';
import { basename, extname, join, resolve } from 'node:path';
import { LabError, type ErrorDetails } from '../../shared/errors';
import { dataSchema, type DataRecipe } from '../../shared/project/data';
import { prescribesSplit } from '../data/generated/generators';
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
    let document = session.document;
    const revision = await session.save((current) => (document = { ...current, data: recipe }), null);
    context.saved(session);
    return { document, revision, summary };
  }

  return {
    'data.import': async ({ project, paths, copy, format }) => {
      const session = projects.get(project);
      session.assertWritable();
      const copies: Copy[] = [];
      try {
        if (copy) for (const path of paths) copies.push(await copyIntoProject(session.path, path));
        const files = copy ? copies.map(({ path }) => path) : paths;
        return await adopt(session, await guessRecipe(files, { projectFolder: session.path, format }));
      } catch (error) {
        for (const { path, isNew } of copies) if (isNew) await rm(path, { force: true });
        throw aboutSources(error, copies);
      }
    },
    'data.generate': async ({ project, ...wanted }) => {
      const session = projects.get(project);
      session.assertWritable();
      const split = prescribesSplit(wanted.generator) ? { split: { kind: 'generated' } } : {};
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
        if (!images) throw new LabError('app.invalid-call', { call: 'data.images', reason: 'no-images' });
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

interface Copy {
  source: string;
  /** Absolute, in the project's data/. */
  path: string;
  /** False: the file was there already, and is the source itself. */
  isNew: boolean;
}

/** Copies a file into data/; never over another file of that name. */
async function copyIntoProject(folder: string, path: string): Promise<Copy> {
  const source = resolve(folder, path);
  const target = join(folder, 'data');
  const extension = extname(source);
  const stem = basename(source, extension);
  try {
    await mkdir(target, { recursive: true });
    for (let count = 1; ; count++) {
      const copy = join(target, count === 1 ? `${stem}${extension}` : `${stem}-${count}${extension}`);
      if (copy === source) return { source, path: copy, isNew: false };
      try {
        await copyFile(source, copy, constants.COPYFILE_EXCL);
        return { source, path: copy, isNew: true };
      } catch (error) {
        if (errorCode(error) !== 'EEXIST') throw error;
      }
    }
  } catch (error) {
    if (errorCode(error) === 'ENOENT') throw new LabError('data.file-not-found', { file: source });
    throw writeError(join(target, basename(source)), error);
  }
}

/** A failed import names the files the person chose: the copies are gone. */
function aboutSources(error: unknown, copies: readonly Copy[]): unknown {
  if (!(error instanceof LabError) || copies.length === 0) return error;
  const renamed = <Value>(value: Value): Value | string => {
    const copy = copies.find(({ path }) => value === path || value === basename(path));
    if (!copy) return value;
    return value === copy.path ? copy.source : basename(copy.source);
  };
  const details = Object.entries(error.details).map(([name, value]) => [
    name,
    isList(value) ? value.map(renamed) : renamed(value),
  ]);
  return new LabError(error.code, Object.fromEntries(details) as ErrorDetails, { cause: error });
}

function isList(value: ErrorDetails[string]): value is readonly (string | number)[] {
  return Array.isArray(value);
}
