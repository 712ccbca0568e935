import { LayoutGrid, Maximize, Plus, Waypoints } from '@lucide/vue';
import type { Ref } from 'vue';
import { useI18n } from 'vue-i18n';
import { layerDefinitions } from '../../../shared/layers';
import { useCommandsStore } from '../../stores/commands';
import { useNetworkStore } from '../../stores/network';
import type { DesignActions } from './use-design-actions';
import { useTexts } from './use-texts';

/** What Ctrl+K finds on this page: its layers, layers to add, and the tools of the canvas. */
export function useDesignCommands(
  active: Readonly<Ref<boolean>>,
  actions: DesignActions,
  view: { fit(): void; tidy(): void },
): void {
  const store = useNetworkStore();
  const texts = useTexts();
  const { t } = useI18n();
  const section = () => t('frame.search.network');

  useCommandsStore().provide(() => {
    if (!active.value) return [];
    const layers = store.network.layers.map((layer) => ({
      id: `design.layer.${layer.id}`,
      title: () => texts.title(layer),
      section,
      icon: Waypoints,
      run: () => {
        store.select([layer.id]);
        store.reveal(layer.id);
      },
    }));
    const additions = [...layerDefinitions.values()].map((definition) => ({
      id: `design.add.${definition.kind}`,
      title: () => t('design.palette.add', { layer: texts.text(definition.label) }),
      section: () => t('design.palette.label'),
      icon: Plus,
      enabled: () => !store.readOnly,
      run: () => actions.append(definition.kind),
    }));
    const tools = [
      { id: 'design.fit', title: () => t('design.tools.fit'), section, icon: Maximize, run: view.fit },
      {
        id: 'design.tidy',
        title: () => t('design.tools.tidy'),
        section,
        icon: LayoutGrid,
        enabled: () => !store.readOnly && store.network.layers.length > 1,
        run: view.tidy,
      },
    ];
    return [...layers, ...tools, ...additions];
  });
}
