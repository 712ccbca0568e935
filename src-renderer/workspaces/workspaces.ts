import { Microscope, NotebookPen, Play, Table2, Waypoints } from '@lucide/vue';
import type { Component } from 'vue';
import type { WorkspaceName } from '../stores/app';
import DataWorkspace from './data/DataWorkspace.vue';
import DesignWorkspace from './design/DesignWorkspace.vue';
import InspectWorkspace from './inspect/InspectWorkspace.vue';
import ScratchpadWorkspace from './scratchpad/ScratchpadWorkspace.vue';
import TrainWorkspace from './train/TrainWorkspace.vue';

/**
 * The pages of a project, in the order of the user's journey. Imported here rather than on demand: of a page that is loaded on
 * demand, KeepAlive does not always run the hooks that tell it it is out of sight.
 */
export const workspaces: readonly { name: WorkspaceName; icon: Component; page: Component }[] = [
  { name: 'data', icon: Table2, page: DataWorkspace },
  { name: 'design', icon: Waypoints, page: DesignWorkspace },
  { name: 'train', icon: Play, page: TrainWorkspace },
  { name: 'inspect', icon: Microscope, page: InspectWorkspace },
  { name: 'scratchpad', icon: NotebookPen, page: ScratchpadWorkspace },
];
