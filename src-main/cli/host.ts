import { join } from 'node:path';
import type { OpenProject } from '../../shared/api/contract';
import { LabError } from '../../shared/errors';
import { forkEngine } from '../engine/launcher';
import { packageRoot, packageVersion } from '../engine/package-root';
import { createLab, type Lab, type LabOptions } from '../lab/index';
import { userFolders } from '../lab/home';

/** The engine process as built beside this program. */
export function engineEntry(): string {
  return process.env.DELTALAB_ENGINE ?? join(packageRoot, 'out', 'main', 'engine.js');
}

export function openLab(options: Partial<LabOptions> = {}): Promise<Lab> {
  return createLab({
    version: packageVersion,
    door: 'cli',
    ...userFolders(),
    engine: forkEngine(engineEntry()),
    ...options,
  });
}

/** Runs a command with a lab, which is closed in any case: what runs is stopped, locks are given back. */
export async function withLab<Result>(task: (lab: Lab) => Promise<Result>): Promise<Result> {
  const lab = await openLab();
  try {
    return await task(lab);
  } finally {
    await lab.close();
  }
}

/** Opens a project to change it: one that another process holds is refused. */
export async function withProject<Result>(
  path: string,
  task: (lab: Lab, project: OpenProject) => Promise<Result>,
  options: { write: boolean } = { write: false },
): Promise<Result> {
  return withLab(async (lab) => {
    const project = await lab.call('projects.open', { path });
    if (options.write && project.readOnly)
      throw new LabError('project.read-only', { path: project.path, ...project.readOnly });
    return task(lab, project);
  });
}
