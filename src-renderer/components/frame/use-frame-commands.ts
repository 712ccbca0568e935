import { Check, Languages, LogOut, Moon, Redo2, Save, Undo2 } from '@lucide/vue';
import { useEventListener } from '@vueuse/core';
import { ref } from 'vue';
import { useI18n } from 'vue-i18n';
import { useAppStore } from '../../stores/app';
import { useCommandsStore, type Command } from '../../stores/commands';
import { useProjectStore } from '../../stores/project';
import { workspaces } from '../../workspaces/workspaces';
import { isTyping } from './is-typing';

/** The commands and shortcuts of the frame, and the two dialogs they open. */
export function useFrameCommands() {
  const app = useAppStore();
  const project = useProjectStore();
  const { t } = useI18n();
  const searchOpen = ref(false);
  const shortcutsOpen = ref(false);

  async function save(): Promise<void> {
    // A failure stands in the top bar with its reason.
    await project.flush().catch(() => undefined);
  }

  async function close(): Promise<void> {
    try {
      await project.close();
    } catch (error) {
      app.report(error);
    }
  }

  useCommandsStore().provide(() => [
    ...pageCommands(),
    ...projectCommands(),
    ...(['light', 'dark', 'auto'] as const).map((theme) => ({
      id: `theme.${theme}`,
      title: () => `${t('frame.theme.label')}: ${t(`frame.theme.${theme}`)}`,
      section: () => t('frame.search.settings'),
      icon: app.settings.theme === theme ? Check : Moon,
      run: () => app.changeSettings({ theme }),
    })),
    ...(['en', 'ru', 'auto'] as const).map((language) => ({
      id: `language.${language}`,
      title: () => `${t('frame.language.label')}: ${t(`frame.language.${language}`)}`,
      section: () => t('frame.search.settings'),
      icon: app.settings.language === language ? Check : Languages,
      run: () => app.changeSettings({ language }),
    })),
  ]);

  function pageCommands(): Command[] {
    if (!project.project) return [];
    return workspaces.map(({ name, icon }, index) => ({
      id: `go.${name}`,
      title: () => t(`frame.rail.${name}`),
      section: () => t('frame.search.goTo'),
      icon,
      shortcut: `Ctrl+${index + 1}`,
      run: () => {
        app.workspace = name;
      },
    }));
  }

  function projectCommands(): Command[] {
    if (!project.project) return [];
    const section = () => t('frame.search.project');
    const what = (label: string | null) => (label ? `: ${t(label)}` : '');
    return [
      {
        id: 'undo',
        title: () => t('frame.undo') + what(project.undoLabel),
        section,
        icon: Undo2,
        shortcut: 'Ctrl+Z',
        enabled: () => project.undoLabel !== null,
        run: project.undo,
      },
      {
        id: 'redo',
        title: () => t('frame.redo') + what(project.redoLabel),
        section,
        icon: Redo2,
        shortcut: 'Ctrl+Shift+Z',
        enabled: () => project.redoLabel !== null,
        run: project.redo,
      },
      { id: 'save', title: () => t('frame.save.retry'), section, icon: Save, shortcut: 'Ctrl+S', run: save },
      { id: 'close', title: () => t('frame.project.close'), section, icon: LogOut, run: close },
    ];
  }

  function press(event: KeyboardEvent): void {
    const command = event.ctrlKey || event.metaKey;
    const key = event.key.toLowerCase();
    // The letter by its place too, so that Ctrl+Z works on a Russian layout.
    const is = (letter: string) => key === letter || event.code === `Key${letter.toUpperCase()}`;
    if (!command) {
      if (event.key === '?' && !isTyping(event.target)) shortcutsOpen.value = true;
      else return;
    } else if (is('k')) searchOpen.value = true;
    else if (is('s')) void save();
    else if (!project.project) return;
    else if (is('z') && !isTyping(event.target)) (event.shiftKey ? project.redo : project.undo)();
    else if (is('y') && !isTyping(event.target)) project.redo();
    else if (/^[1-9]$/.test(event.key) && workspaces[Number(event.key) - 1]) {
      app.workspace = workspaces[Number(event.key) - 1]?.name ?? app.workspace;
    } else return;
    event.preventDefault();
  }
  useEventListener(window, 'keydown', press);

  return { searchOpen, shortcutsOpen };
}
