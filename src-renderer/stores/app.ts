import { usePreferredDark, usePreferredLanguages } from '@vueuse/core';
import { defineStore } from 'pinia';
import { computed, shallowRef, watch } from 'vue';
import type { AppInfo, AppSettings, DeviceInfo } from '../../shared/api/contract';
import { type LabError, toLabError } from '../../shared/errors';
import { lab } from '../client';
import { i18n, resolveLanguage } from '../i18n';
import { laneVariables } from '../lanes';

export const workspaceNames = ['data', 'design', 'train', 'inspect', 'scratchpad'] as const;
export type WorkspaceName = (typeof workspaceNames)[number];

/** A line of the status bar and its history. An error keeps its record, so that it follows a change of language. */
export type Message = { id: number; at: number } & (
  | { kind: 'info' | 'success' | 'warning'; key: string; parameters: Record<string, string | number> }
  | { kind: 'error'; error: LabError }
);

const longestHistory = 200;

/** What concerns the whole page: settings, which workspace is shown, messages. */
export const useAppStore = defineStore('app', () => {
  const info = shallowRef<AppInfo | null>(null);
  const settings = shallowRef<AppSettings>({ language: 'auto', theme: 'auto' });
  const workspace = shallowRef<WorkspaceName>('data');
  const devices = shallowRef<DeviceInfo[]>([]);
  const usableCards = computed(() => devices.value.filter(({ card, usable }) => card && usable));
  /** Newest first. */
  const messages = shallowRef<Message[]>([]);
  let lastMessage = 0;

  const systemDark = usePreferredDark();
  const systemLanguages = usePreferredLanguages();
  const dark = computed(() => (settings.value.theme === 'auto' ? systemDark.value : settings.value.theme === 'dark'));
  const language = computed(() => resolveLanguage(settings.value.language, systemLanguages.value));

  async function load(): Promise<void> {
    info.value = await lab.call('app.info', {});
    settings.value = info.value.settings;
    // Asks the engine, which takes a moment to start; nothing else waits for it.
    lab.call('devices.list', {}).then((found) => (devices.value = found), report);
  }

  async function changeSettings(change: Partial<AppSettings>): Promise<void> {
    const before = settings.value;
    settings.value = { ...before, ...change };
    try {
      settings.value = await lab.call('app.setSettings', settings.value);
    } catch (error) {
      report(error);
    }
  }

  function record(message: Message): void {
    messages.value = [message, ...messages.value].slice(0, longestHistory);
  }

  function say(
    kind: 'info' | 'success' | 'warning',
    key: string,
    parameters: Record<string, string | number> = {},
  ): void {
    record({ id: (lastMessage += 1), at: Date.now(), kind, key, parameters });
  }

  /** For an error that has no place of its own on the page. */
  function report(error: unknown): LabError {
    const known = toLabError(error);
    record({ id: (lastMessage += 1), at: Date.now(), kind: 'error', error: known });
    return known;
  }

  watch(
    language,
    (value) => {
      i18n.global.locale.value = value;
      document.documentElement.lang = value;
    },
    { immediate: true },
  );
  watch(
    dark,
    (value) => {
      const root = document.documentElement;
      root.dataset.theme = value ? 'dark' : 'light';
      for (const [name, colour] of Object.entries(laneVariables(value))) root.style.setProperty(name, colour);
    },
    { immediate: true },
  );

  return {
    info,
    settings,
    workspace,
    devices,
    usableCards,
    messages,
    dark,
    language,
    load,
    changeSettings,
    say,
    report,
  };
});
