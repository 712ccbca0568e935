import { Play, Table2, Waypoints } from '@lucide/vue';
import { defineAsyncComponent, type Component } from 'vue';
import type { WorkspaceName } from '../stores/app';

const files = import.meta.glob<{ default: Component }>('./*/*Workspace.vue');

function page(path: string): Component | null {
  const load = files[path];
  return load ? defineAsyncComponent(load) : null;
}

/** The pages of a project, in the order of the user's journey. */
export const workspaces = [
  { name: 'data' as WorkspaceName, icon: Table2, page: page('./data/DataWorkspace.vue') },
  { name: 'design' as WorkspaceName, icon: Waypoints, page: page('./design/DesignWorkspace.vue') },
  { name: 'train' as WorkspaceName, icon: Play, page: page('./train/TrainWorkspace.vue') },
].filter((workspace) => workspace.page !== null);
