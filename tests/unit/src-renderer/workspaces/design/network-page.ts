import { createPinia, setActivePinia } from 'pinia';
import type { NetworkDocument } from '../../../../../shared/network/document';
import { useDataStore } from '../../../../../src-renderer/stores/data';
import { useNetworkStore } from '../../../../../src-renderer/stores/network';
import { useProjectStore } from '../../../../../src-renderer/stores/project';
import { threeClasses } from '../../../shared/network/builders';
import { answerCalls, dataSummary, openProject } from '../../fake-lab';

/** A project with this network open on the Design page, its data four numbers and three classes. */
export async function openNetwork(network: NetworkDocument, options: { readOnly?: boolean } = {}) {
  const pinia = createPinia();
  setActivePinia(pinia);
  const summary = dataSummary({ inputShape: [4], inputNames: ['a', 'b', 'c', 'd'], target: threeClasses });
  const opened = openProject();
  const readOnly = options.readOnly ? { host: 'elsewhere', pid: 1, since: '2026-01-01T00:00:00Z' } : null;
  answerCalls({
    'projects.open': () => ({ ...opened, readOnly, document: { ...opened.document, network } }),
    'projects.update': ({ revision }) => ({ revision: revision + 1 }),
    'data.summary': () => summary,
  });
  const project = useProjectStore();
  const data = useDataStore();
  await project.open('/projects/test');
  data.take(summary);
  return { pinia, project, data, store: useNetworkStore() };
}
