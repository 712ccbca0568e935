import { defineStore } from 'pinia';
import { shallowRef, watch } from 'vue';
import type { CallInput } from '../../shared/api/contract';
import { type LabError, toLabError } from '../../shared/errors';
import type { TableFormat } from '../../shared/project/data';
import { lab } from '../client';
import { useDataStore } from './data';
import { useProjectStore } from './project';

/** What an import is doing right now. */
export type ImportStage = { kind: 'sending'; file: string; fraction: number } | { kind: 'reading'; files: string[] };

/** Files and generated sets on their way into the open project. */
export const useImportStore = defineStore('import', () => {
  const project = useProjectStore();
  const data = useDataStore();
  const stage = shallowRef<ImportStage | null>(null);
  /** Why the last import failed; the data from before are still there. */
  const error = shallowRef<LabError | null>(null);

  /** True when the files became the project's data. */
  async function importFiles(files: readonly File[]): Promise<boolean> {
    return attempt(async (owner) => {
      const paths: string[] = [];
      for (const file of files) {
        const tell = (fraction: number) => (stage.value = { kind: 'sending', file: file.name, fraction });
        tell(0);
        paths.push(await lab.reference(file, tell));
      }
      stage.value = { kind: 'reading', files: files.map(({ name }) => name) };
      // What a browser sent lies in a temporary folder.
      const copy = lab.door === 'browser';
      return lab.call('data.import', { project: owner, paths, copy });
    }, 'data.undo.import');
  }

  /** Reads the project's table anew, in another way than was guessed. */
  async function readAs(path: string, format: TableFormat): Promise<boolean> {
    return attempt((owner) => {
      stage.value = { kind: 'reading', files: [path] };
      return lab.call('data.import', { project: owner, paths: [path], format });
    }, 'data.undo.format');
  }

  async function generate(input: Omit<CallInput<'data.generate'>, 'project'>): Promise<boolean> {
    return attempt((owner) => lab.call('data.generate', { project: owner, ...input }), 'data.undo.generate');
  }

  type Changed = Parameters<typeof project.adopt>[0] & { summary: Parameters<typeof data.take>[0] };

  /** One at a time, in the order they were asked for, so that the last one is what stays. */
  function attempt(work: (owner: string) => Promise<Changed>, label: string): Promise<boolean> {
    const result = queue.then(() => adoptResult(work, label));
    queue = result;
    return result;
  }
  let queue: Promise<unknown> = Promise.resolve();

  async function adoptResult(work: (owner: string) => Promise<Changed>, label: string): Promise<boolean> {
    const owner = project.project?.id;
    if (!owner) return false;
    error.value = null;
    try {
      // The host changes the saved document, so what is not saved yet goes first.
      await project.flush();
      const changed = await work(owner);
      if (project.project?.id !== owner) return false;
      project.adopt(changed, label);
      data.take(changed.summary);
      return true;
    } catch (cause) {
      error.value = toLabError(cause);
      return false;
    } finally {
      stage.value = null;
    }
  }

  // Whatever the user did about the data since, the failure is no longer news.
  watch(
    () => project.document?.data,
    () => dismiss(),
  );

  function dismiss(): void {
    error.value = null;
  }

  return { stage, error, importFiles, readAs, generate, dismiss };
});
