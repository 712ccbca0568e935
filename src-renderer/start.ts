import type { LabError } from '../shared/errors';
import { useAppStore, workspaceNames, type WorkspaceName } from './stores/app';
import { useProjectStore } from './stores/project';
import { lab } from './client';

/** Opened on the very first start, so that there is something to race. */
const firstExample = 'two-spirals';
/** Survives a reload of the page, not the end of the session. */
const openKey = 'deltalab.project';

/** Fetches what the page needs and opens what was open. The reason when the lab can't be reached. */
export async function startLab(): Promise<LabError | null> {
  const app = useAppStore();
  try {
    await app.load();
  } catch (error) {
    return app.report(error);
  }
  try {
    await openFirst();
  } catch (error) {
    // The welcome page is shown, with the reason in the status bar.
    app.report(error);
  }
  return null;
}

async function openFirst(): Promise<void> {
  const app = useAppStore();
  const project = useProjectStore();
  const asked = app.info?.openProject ?? sessionStorage.getItem(openKey);
  if (asked) {
    await project.open(asked);
    app.workspace = rememberedWorkspace() ?? 'data';
    return;
  }
  // Coming back to the welcome page is a choice, a bare first start is not.
  if (sessionStorage.getItem(openKey) === '') return;
  if ((await lab.call('projects.recent', {})).length > 0) return;
  const example = (await lab.call('examples.list', {})).find(({ name }) => name === firstExample);
  if (!example) return;
  await project.create({ name: example.title[app.language], example: example.name });
  app.workspace = 'train';
}

const workspaceKey = 'deltalab.workspace';

function rememberedWorkspace(): WorkspaceName | null {
  const name = sessionStorage.getItem(workspaceKey);
  return workspaceNames.find((one) => one === name) ?? null;
}

/** What a reload of the page brings back. An empty path: the welcome page. */
export function remember(path: string, workspace: WorkspaceName): void {
  sessionStorage.setItem(openKey, path);
  sessionStorage.setItem(workspaceKey, workspace);
}
