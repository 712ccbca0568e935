import { existsSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { basename, relative, resolve } from 'node:path';
import { applySettings, type Setting } from '../../shared/project/paths';
import { withLab } from './host';

export async function newProject(folder: string, options: { example: string; set: Setting[] }): Promise<void> {
  const path = resolve(folder);
  const existed = existsSync(path);
  try {
    await withLab(async (lab) => {
      const project = await lab.call('projects.create', {
        name: basename(path).slice(0, 120),
        folder: path,
        example: options.example,
      });
      if (options.set.length === 0) return;
      const document = applySettings(project.document, options.set);
      await lab.call('projects.update', { project: project.id, revision: project.revision, document });
    });
  } catch (error) {
    // A wrong --set leaves no half-made project behind; a folder that was there before is not ours to delete.
    if (!existed) await rm(path, { recursive: true, force: true });
    throw error;
  }
  console.log(
    `Made ${folder} from the example "${options.example}". Next: deltalab train ${relative('.', path) || '.'}`,
  );
}
